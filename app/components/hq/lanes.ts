import type { AssetSummary } from '@/lib/api/schemas';
import type { HqServiceId } from '@/lib/domain/services';

/** The services whose work is seen in an asset's own status; the responder's is seen in the requests. */
export type AssetLane = Exclude<HqServiceId, 'responder'>;

/** Which statuses mean that a service has had the asset in hand: an asset travels from lane to lane and stays in those behind it. */
const REACHED: Record<AssetLane, readonly string[]> = {
  'feed-ingest': ['announced', 'downloading', 'downloaded', 'broadcast', 'failed'],
  downloader: ['downloading', 'downloaded', 'broadcast', 'failed'],
  broadcaster: ['broadcast'],
};

/** The assets a service has had in hand, newest first. */
export function laneAssets(lane: AssetLane, assets: readonly AssetSummary[], most: number): AssetSummary[] {
  return assets
    .filter((asset) => REACHED[lane].includes(asset.status))
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id))
    .slice(0, most);
}
