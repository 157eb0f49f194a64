import { assetPath } from '@/lib/domain/asset';
import type { FileInfo, MirrorStatus } from '@/lib/ports';
import { type EdgeAssetRow, isoTime, withEntry } from '../rows';

type Patch = Partial<Omit<EdgeAssetRow, '_id' | 'rev'>>;

/** Where the row's file is, or will be, in volume `inbound`. */
export const pathOf = (row: EdgeAssetRow) => assetPath(row._id, row.file?.fileName ?? '');

/** What the mirror volume makes of a row that is `ready` or `mirroring`; null: nothing new. Pure. */
export function patchFor(row: EdgeAssetRow, file: FileInfo | null, mirror: MirrorStatus, nowMs: number): Patch | null {
  const at = isoTime(nowMs);
  if (file && row.file && file.sha256 === row.file.sha256)
    return {
      status: 'delivered',
      reason: null,
      code: null,
      receiptDue: true,
      updatedAt: at,
      timeline: withEntry(row.timeline, { at, what: 'delivered', by: 'viewer', detail: 'Digest checked' }),
    };
  if (file && isOfThisRequest(row, file, mirror)) {
    const reason = 'What the mirror brought is not what HQ announced: the digests differ. Request it again';
    return {
      status: 'failed',
      reason,
      code: 'ASSET_DIGEST_MISMATCH',
      updatedAt: at,
      timeline: withEntry(row.timeline, { at, what: 'failed', by: 'viewer', detail: reason }),
    };
  }
  const moving = mirror.state === 'running' && mirror.pending.some((pending) => pending.path === pathOf(row));
  if (moving && row.status === 'ready') return { status: 'mirroring', updatedAt: at };
  if (!moving && row.status === 'mirroring' && mirror.state !== 'running') return { status: 'ready', updatedAt: at };
  return null;
}

/**
 * Whether a wrong file was brought for this request. One that lay there before may still be replaced by the next run, so it counts only
 * when it came after HQ had staged the right one, or when a whole run since then left it as it is.
 */
function isOfThisRequest(row: EdgeAssetRow, file: FileInfo, mirror: MirrorStatus): boolean {
  const { startedAt, lastSuccessAt, state } = mirror;
  const wholeRunSince =
    state === 'idle' &&
    startedAt !== null &&
    startedAt >= row.readyAtMs &&
    lastSuccessAt !== null &&
    lastSuccessAt >= startedAt;
  return file.modifiedAt >= row.readyAtMs || wholeRunSince;
}
