import { AssetFeedMessage, encodeMessage } from '@/lib/domain/messages';
import { TOPICS } from '@/lib/domain/naming';
import type { ServiceContext } from '../contract';
import type { HqAssetRow } from '../rows';
import { createSweep, flushRows, type Outbox } from '../shared/outbox';

const outbox: Outbox = {
  name: 'ASSET_FEED',
  topic: TOPICS.assetFeed,
  message: (row) => ({
    key: row._id,
    value: encodeMessage(AssetFeedMessage, {
      type: 'asset.feed',
      at: row.createdAt,
      asset: row.asset,
      ...(row.link === null ? {} : { link: row.link }),
      ...(row.promisedMediaType === null ? {} : { mediaType: row.promisedMediaType }),
    }),
  }),
};

export const announceToDownloader = (context: ServiceContext, rows: readonly HqAssetRow[]) =>
  flushRows(context, outbox, rows);
export const createFeedSweep = (context: ServiceContext) => createSweep(context, outbox);
