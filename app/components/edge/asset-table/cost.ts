/** What a request will cost on the link, before it is made. Pure. */
import type { AssetSummary } from '@/lib/api/schemas';
import { CANCELLABLE, type EdgeStatus, REQUESTABLE } from '@/lib/domain/status';
import type { Rate } from '../expected-rate';

export interface Cost {
  bytes: number;
  /** Assets whose size is not known; they are not in `bytes`. */
  unsized: number;
  /** At the rate given; null while that is not known. */
  seconds: number | null;
}

export function costOf(assets: readonly Pick<AssetSummary, 'bytes'>[], rate: Rate | null): Cost {
  const bytes = assets.reduce((sum, asset) => sum + (asset.bytes ?? 0), 0);
  const unsized = assets.filter((asset) => asset.bytes === null).length;
  return { bytes, unsized, seconds: rate ? bytes / rate.bytesPerSecond : null };
}

const isOneOf = (statuses: readonly EdgeStatus[], status: string) => statuses.includes(status as EdgeStatus);

export const isRequestable = (asset: Pick<AssetSummary, 'status'>) => isOneOf(REQUESTABLE, asset.status);
export const isCancellable = (asset: Pick<AssetSummary, 'status' | 'requestId'>) =>
  asset.requestId !== null && isOneOf(CANCELLABLE, asset.status);
