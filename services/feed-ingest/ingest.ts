import { AssetDescriptionSchema } from '@/lib/domain/asset';
import { TABLES } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import type { FeedItem } from '@/lib/feeds/types';
import type { Span } from '@/lib/tracing';
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

/** The root of an asset's trace. Ended only for an asset that is new: the others entered before. */
function startTrace({ tracer, site }: ServiceContext, row: HqAssetRow): { row: HqAssetRow; span: Span } {
  const span = tracer.start('ingest asset', {
    attributes: {
      'fieldline.site': site.id,
      'fieldline.service': 'feed-ingest',
      'fieldline.asset.id': row._id,
      'fieldline.feed': row.asset.feed,
    },
  });
  return { row: { ...row, trace: span.traceparent }, span };
}

/**
 * Takes in those rows whose asset is new, and announces them. The rows carry the announcement as their outbox until it is durable, so a
 * crash between the two loses nothing. Returns the ids that were new.
 */
export async function ingestRows(context: ServiceContext, rows: readonly HqAssetRow[]): Promise<string[]> {
  const { ports, report, log, events, site } = context;
  if (rows.length === 0) return [];
  const entering = rows.map((row) => startTrace(context, row));
  const ids = await ports.tables.insertMany(
    TABLES.assets,
    entering.map(({ row }) => toDocument(row)),
  );
  const fresh = new Set(ids);
  const news = entering.filter(({ row }) => fresh.has(row._id));
  if (news.length === 0) return ids;
  for (const { span } of news) span.end();
  const inserted = news.map(({ row }) => row);
  announceAssets(events, site.id, 'feed-ingest', inserted);
  await announceToDownloader(context, inserted);
  report.processed(inserted.length, inserted.at(-1)?.asset.title);
  log.info('Ingested', { assets: inserted.length, feed: inserted[0]?.asset.feed });
  return ids;
}
