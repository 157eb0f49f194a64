import type { AssetSummary } from '@/lib/api/schemas';
import type { Clock } from '@/lib/clock/clock';
import { TABLES } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import type { EventHub } from '../contract';
import { HqAssetRow, isoTime, withEntry } from '../rows';
import { announceAssets } from '../shared/announce';
import { changeRow } from '../shared/row-changes';
import { summaryOf } from '../views';

/**
 * Orders a failed asset to be downloaded again; wake the downloader afterwards.
 * Fails with NOT_FOUND, with CONFLICT when the asset has not failed, with UNAVAILABLE.
 */
export async function retryAsset(
  site: { id: string; ports: Pick<SitePorts, 'tables'> },
  tools: { clock: Clock; events: EventHub },
  assetId: string,
  by: string,
): Promise<AssetSummary> {
  const at = isoTime(tools.clock.now());
  const row = await changeRow<HqAssetRow>(
    site.ports.tables,
    TABLES.assets,
    assetId,
    (document) => HqAssetRow.parse(document),
    (current) => {
      if (current.status !== 'failed')
        throw new FieldlineError(
          'CONFLICT',
          `"${current.asset.title}" is ${current.status}; only a failed asset is tried again`,
        );
      return {
        status: 'announced',
        reason: null,
        code: null,
        attempts: 0,
        nextAttemptAtMs: 0,
        updatedAt: at,
        timeline: withEntry(current.timeline, { at, what: 'tried again', by }),
      };
    },
  );
  if (!row) throw new FieldlineError('NOT_FOUND', `${site.id} has no asset "${assetId}"`);
  announceAssets(tools.events, site.id, null, [row]);
  return summaryOf(site.id, row);
}
