import { AssetDescriptionSchema } from '@/lib/domain/asset';
import { TABLES } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import type { FeedItem } from '@/lib/feeds/types';
import type { ServiceContext } from '../contract';
import { announcedRow, type HqAssetRow, toDocument } from '../rows';
import { announceAssets } from '../shared/announce';
import { assetIdOf } from './asset-id';
import { announceToDownloader } from './outbox';

/** An item of a feed as the row of a new asset. Fails with FEED_INVALID where the item does not fit an asset. */
export function rowOf(feedId: string, item: FeedItem, nowMs: number): HqAssetRow {
  const { link, mediaType, contentKey, ...description } = item;
  const asset = AssetDescriptionSchema.safeParse({
    ...description,
    id: assetIdOf(feedId, { sourceId: item.sourceId, contentKey }),
    feed: feedId,
  });
  if (asset.success) return announcedRow(asset.data, { link, mediaType }, nowMs);
  const wrong = asset.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new FieldlineError('FEED_INVALID', `Item "${item.sourceId}" of feed ${feedId}: ${wrong}`, {
    cause: asset.error,
  });
}

/**
 * Takes in those rows whose asset is new, and announces them. The rows carry the announcement as their outbox until it is durable, so a
 * crash between the two loses nothing. Returns the ids that were new.
 */
export async function ingestRows(context: ServiceContext, rows: readonly HqAssetRow[]): Promise<string[]> {
  const { ports, report, log, events, site } = context;
  if (rows.length === 0) return [];
  const ids = await ports.tables.insertMany(TABLES.assets, rows.map(toDocument));
  const fresh = new Set(ids);
  const inserted = rows.filter((row) => fresh.has(row._id));
  if (inserted.length === 0) return ids;
  announceAssets(events, site.id, 'feed-ingest', inserted);
  await announceToDownloader(context, inserted);
  report.processed(inserted.length, inserted.at(-1)?.asset.title);
  log.info('Ingested', { assets: inserted.length, feed: inserted[0]?.asset.feed });
  return ids;
}
