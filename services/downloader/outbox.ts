import { AssetDownloadedMessage, encodeMessage } from '@/lib/domain/messages';
import { TOPICS } from '@/lib/domain/naming';
import type { ServiceContext } from '../contract';
import type { HqAssetRow } from '../rows';
import { createSweep, flushRows, type Outbox } from '../shared/outbox';

const outbox: Outbox = {
  name: 'ASSET_DOWNLOADED',
  topic: TOPICS.assetDownloaded,
  message: (row) =>
    row.file && {
      key: row._id,
      value: encodeMessage(AssetDownloadedMessage, {
        type: 'asset.downloaded',
        at: row.updatedAt,
        asset: row.asset,
        file: row.file,
      }),
    },
};

export const announceDownloaded = (context: ServiceContext, rows: readonly HqAssetRow[]) =>
  flushRows(context, outbox, rows);
export const createDownloadedSweep = (context: ServiceContext) => createSweep(context, outbox);
