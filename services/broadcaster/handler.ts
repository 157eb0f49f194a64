import { AssetBroadcastMessage, type AssetDownloaded, encodeMessage } from '@/lib/domain/messages';
import { TABLES, TOPICS } from '@/lib/domain/naming';
import type { BulkUpdate } from '@/lib/ports';
import type { ServiceContext } from '../contract';
import { announcedRow, HqAssetRow, isoTime, toDocument, withEntry } from '../rows';
import { announceAssets } from '../shared/announce';
import type { Incoming } from '../shared/consumers';

/**
 * Rows read again after a batch, the newest, only to be shown: of a backlog of thousands HQ's page shows the last, and the counts.
 */
const SHOWN_PER_BATCH_MAX = 100;

/**
 * Broadcasts downloaded assets, then marks their rows. A crash between the two broadcasts them again: the listeners insert an asset once.
 */
export async function broadcastBatch(
  context: ServiceContext,
  batch: readonly Incoming<AssetDownloaded>[],
): Promise<void> {
  const { ports, clock, report, log, events, site } = context;
  const at = isoTime(clock.now());
  await ports.streams.produce(
    TOPICS.assetBroadcast,
    batch.map(({ message: { asset, file } }) => ({
      key: asset.id,
      value: encodeMessage(AssetBroadcastMessage, { type: 'asset.broadcast', at, asset, file }),
    })),
  );
  const outcomes = await ports.tables.updateMany(
    TABLES.assets,
    batch.map(({ message }) => markOf(message.asset.id, at)),
  );
  const missing = batch.filter((_, index) => outcomes[index] === 'missing').map(({ message }) => message);
  // The table was lost and the stream was not: the message holds all that the row needs.
  if (missing.length > 0)
    await ports.tables.insertMany(
      TABLES.assets,
      missing.map((message) => toDocument(rebuiltRow(message, clock.now()))),
    );
  const last = batch.at(-1)!.message.asset;
  report.processed(batch.length, last.title);
  log.info('Broadcast', { assets: batch.length, last: last.id });

  const newest = batch.slice(-SHOWN_PER_BATCH_MAX).map(({ message }) => message.asset.id);
  const rows = await ports.tables.getMany(TABLES.assets, newest);
  announceAssets(
    events,
    site.id,
    'broadcaster',
    rows.map((row) => HqAssetRow.parse(row)),
  );
}

/** Blind, so that no row need be read: only a row that waits for its broadcast changes. */
const markOf = (id: string, at: string): BulkUpdate => ({
  id,
  condition: { $eq: { status: 'downloaded' } },
  mutation: {
    $put: { status: 'broadcast', updatedAt: at },
    $increment: { rev: 1 },
    $append: { timeline: [{ at, what: 'broadcast', by: 'broadcaster' }] },
  },
});

function rebuiltRow({ asset, file }: AssetDownloaded, nowMs: number): HqAssetRow {
  const row = announcedRow(asset, {}, nowMs);
  const entry = { at: row.createdAt, what: 'broadcast', by: 'broadcaster', detail: 'Row rebuilt from the stream' };
  return { ...row, status: 'broadcast', file, outbox: null, timeline: withEntry([], entry) };
}
