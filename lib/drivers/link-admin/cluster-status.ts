/** The state of a link as an HPE Data Fabric cluster tells it: rows of `stream/replica/list`, of `stream/upstream/list`. */
import { z } from 'zod';
import type { LinkDirection, LinkState } from '@/lib/ports';
import type { AdminRow } from '../admin-rest/client';

/** Times below this are seconds: the documentation says milliseconds, a tool of the cluster prints seconds. */
const MILLISECONDS_MIN = 100_000_000_000;
/** What the documentation says of every replica that works; the others are on their way there, or broken. */
const REPLICATING = 'REPLICA_STATE_REPLICATING';
const BROKEN = 'REPLICA_STATE_UNEXPECTED';
/** Nobody answers at the other end: weather, not damage. */
const UNREACHABLE = /unreachable|timed? ?out|connection/i;

/** Numbers come as strings from some versions. */
const count = z.coerce.number().nonnegative();
const ReplicaSchema = z.object({
  cluster: z.string().optional(),
  replicaState: z.string().default(''),
  paused: z.union([z.boolean(), z.stringbool()]).default(false),
  isUptodate: z.union([z.boolean(), z.stringbool()]).default(false),
  minPendingTS: count.default(0),
  bytesPending: count.default(0),
  putsPending: count.default(0),
  /** There only while something is wrong. */
  errors: z
    .object({ Code: z.string().default(''), Host: z.string().default(''), Msg: z.string().default('') })
    .optional(),
});

/** One direction by its replica's row. How much was carried is not told: it counts as 0. */
export function directionOf(row: AdminRow, now: number): LinkDirection {
  const parsed = ReplicaSchema.safeParse(row);
  if (!parsed.success)
    return withoutFigures('failed', `The replica's state can not be understood: ${z.prettifyError(parsed.error)}`, now);
  const replica = parsed.data;
  const { errors } = replica;
  const lastError = errors
    ? [errors.Code, errors.Msg, errors.Host && `(${errors.Host})`].filter(Boolean).join(' ')
    : null;
  const waits = replica.putsPending > 0 || replica.bytesPending > 0;
  return {
    state: stateOf(replica, lastError),
    lagRecords: replica.isUptodate ? 0 : replica.putsPending,
    lagBytes: replica.isUptodate ? 0 : replica.bytesPending,
    lagMs: waits && !replica.isUptodate ? ageOf(replica.minPendingTS, now) : 0,
    recordsTotal: 0,
    bytesTotal: 0,
    lastError,
    lastErrorAt: lastError === null ? null : now,
  };
}

/** A direction of which nothing is known but what is wrong. */
export function withoutFigures(state: LinkState, lastError: string, now: number): LinkDirection {
  const unknown = { lagRecords: null, lagBytes: null, lagMs: null, recordsTotal: 0, bytesTotal: 0 };
  return { state, ...unknown, lastError, lastErrorAt: now };
}

function stateOf(replica: z.infer<typeof ReplicaSchema>, lastError: string | null): LinkState {
  if (replica.paused) return 'paused';
  if (lastError !== null) return UNREACHABLE.test(lastError) ? 'down' : 'failed';
  if (replica.replicaState === REPLICATING) return 'up';
  return replica.replicaState === BROKEN ? 'failed' : 'connecting';
}

function ageOf(time: number, now: number): number | null {
  if (time === 0) return null;
  return Math.max(0, now - (time < MILLISECONDS_MIN ? time * 1000 : time));
}
