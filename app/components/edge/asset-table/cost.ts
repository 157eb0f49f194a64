/** What a request will cost on the link, before it is made. Pure. */
import type { AssetSummary, Link } from '@/lib/api/schemas';
import { CANCELLABLE, type EdgeStatus, REQUESTABLE } from '@/lib/domain/status';

export interface Cost {
  bytes: number;
  /** Assets whose size is not known; they are not in `bytes`. */
  unsized: number;
  /** At the rate given; null while that is not known. */
  seconds: number | null;
}

export function costOf(assets: readonly Pick<AssetSummary, 'bytes'>[], bytesPerSecond: number | null): Cost {
  const bytes = assets.reduce((sum, asset) => sum + (asset.bytes ?? 0), 0);
  const unsized = assets.filter((asset) => asset.bytes === null).length;
  return { bytes, unsized, seconds: bytesPerSecond ? bytes / bytesPerSecond : null };
}

/** The rate a transfer can expect: what was measured, never above what the conditioner lets through; null while not known or not up. */
export function expectedBytesPerSecond(link: Link | undefined): number | null {
  if (!link || link.state === 'down' || link.state === 'failed') return null;
  const limit = link.conditions?.bytesPerSecond ?? null;
  const measured = link.estimatedBytesPerSecond;
  if (limit !== null && measured !== null) return Math.min(limit, measured);
  return measured ?? limit;
}

const isOneOf = (statuses: readonly EdgeStatus[], status: string) => statuses.includes(status as EdgeStatus);

export const isRequestable = (asset: Pick<AssetSummary, 'status'>) => isOneOf(REQUESTABLE, asset.status);
export const isCancellable = (asset: Pick<AssetSummary, 'status' | 'requestId'>) =>
  asset.requestId !== null && isOneOf(CANCELLABLE, asset.status);
