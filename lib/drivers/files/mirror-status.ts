import { z } from 'zod';
import { FieldlineError } from '@/lib/errors';
import type { MirrorStatus } from '@/lib/ports/volumes';
import type { AdminRow } from '../admin-rest/client';

const count = z.number().int().nonnegative();

/** What an embedded fabric adds to `volume/mirror/status`. */
const StatusSchema = z.object({
  state: z.enum(['idle', 'running', 'failed']),
  filesTotal: count.nullable(),
  bytesTotal: count.nullable(),
  filesDone: count,
  bytesDone: count,
  pending: z.array(z.object({ path: z.string(), bytes: count, bytesDone: count })),
  bytesPerSecond: z.number().nonnegative(),
  startedAt: z.number().nullable(),
  lastSuccessAt: z.number().nullable(),
  lastError: z.string().nullable(),
  asOf: z.number(),
});

/** Fails with PROTOCOL when the row is not what an embedded fabric tells. */
export function statusFromExtension(row: AdminRow | undefined, source: string): MirrorStatus {
  const parsed = StatusSchema.safeParse(row);
  if (parsed.success) return { ...parsed.data, source };
  throw new FieldlineError('PROTOCOL', `The mirror's status can not be understood: ${z.prettifyError(parsed.error)}`);
}

/** As much as a cluster's volume record tells: whether a run is under way, and when one last succeeded. Values beyond 0 and 1 are not verified. */
export function statusFromRecord(row: AdminRow, source: string, now: number): MirrorStatus {
  const code = Number(row.mirrorstatus ?? 0);
  const lastSuccess = Number(row.lastSuccessfulMirrorTime ?? 0);
  return {
    state: code === 1 ? 'running' : code === 0 ? 'idle' : 'failed',
    source,
    filesTotal: null,
    bytesTotal: null,
    filesDone: 0,
    bytesDone: 0,
    pending: [],
    bytesPerSecond: 0,
    startedAt: null,
    lastSuccessAt: lastSuccess > 0 ? lastSuccess : null,
    lastError: code > 1 ? `The last run failed (mirrorstatus ${code})` : null,
    asOf: now,
  };
}
