import type { Mirror } from '@/lib/api/schemas';
import type { MirrorStatus } from '@/lib/ports';

const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** The asset that a path of a volume belongs to: `assetPath` puts every file below its asset's id. Null for a file of nobody. */
export function assetIdOfPath(path: string): string | null {
  const slash = path.indexOf('/');
  return slash > 0 ? path.slice(0, slash) : null;
}

/**
 * The mirror's figures as the API shows them.
 * `titles`: of the assets that wait, by id. `linkBytesPerSecond`: what the link is good for, for an estimate before the run moves.
 */
export function toMirror(
  status: MirrorStatus,
  known: { titles?: ReadonlyMap<string, string>; linkBytesPerSecond?: number | null } = {},
): Mirror {
  return {
    state: status.state,
    source: status.source,
    filesTotal: status.filesTotal,
    bytesTotal: status.bytesTotal,
    filesDone: status.filesDone,
    bytesDone: status.bytesDone,
    pending: status.pending.map((file) => {
      const assetId = assetIdOfPath(file.path);
      return { ...file, assetId, title: (assetId && known.titles?.get(assetId)) || null };
    }),
    bytesPerSecond: status.bytesPerSecond,
    etaSeconds: etaSeconds(status, known.linkBytesPerSecond ?? null),
    startedAt: time(status.startedAt),
    lastSuccessAt: time(status.lastSuccessAt),
    lastError: status.lastError,
    asOf: new Date(status.asOf).toISOString(),
  };
}

/** Seconds until done at the run's rate, else at the link's; 0 when nothing waits; null while the amount or the rate is unknown. */
function etaSeconds(status: MirrorStatus, linkBytesPerSecond: number | null): number | null {
  if (status.bytesTotal === null) return null;
  const left = Math.max(0, status.bytesTotal - status.bytesDone);
  if (left === 0) return 0;
  const rate = status.bytesPerSecond > 0 ? status.bytesPerSecond : linkBytesPerSecond;
  return rate ? Math.ceil(left / rate) : null;
}
