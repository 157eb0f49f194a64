import { mapBounded, slices } from '@/lib/concurrency/bounded';
import { AssetBroadcastMessage, type AssetDownloaded, encodeMessage } from '@/lib/domain/messages';
import { TABLES, TOPICS } from '@/lib/domain/naming';
import type { BulkUpdate } from '@/lib/ports';
import type { ServiceContext } from '../contract';
import { announcedRow, HqAssetRow, isoTime, toDocument, withEntry } from '../rows';
import { announceAssets } from '../shared/announce';
import type { Incoming } from '../shared/consumers';
import { produceTraced } from '../shared/traced';

/**
 * Rows read again after a batch, the newest, only to be shown: of a backlog of thousands HQ's page shows the last, and the counts.
 */
const SHOWN_PER_BATCH_MAX = 100;

/** The rows of a part are marked while the next is being written: with thousands waiting, the two take about the same time. */
const PART_RECORDS_MAX = 200;
/** One being marked, one being written, and one behind it, so that no batch on the stream goes half empty at the end of a part. */
const PARTS_AT_ONCE = 3;

/**
 * Broadcasts downloaded assets, then marks their rows. A crash between the two broadcasts them again: the listeners insert an asset once.
 */
export async function broadcastBatch(
  context: ServiceContext,
  batch: readonly Incoming<AssetDownloaded>[],
): Promise<void> {
  const { ports, report, log, events, site } = context;
  await mapBounded(slices(batch, PART_RECORDS_MAX), PARTS_AT_ONCE, (part) => broadcastPart(context, part));
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

async function broadcastPart(context: ServiceContext, part: readonly Incoming<AssetDownloaded>[]): Promise<void> {
  await broadcast(context, part);
  await mark(
    context,
    part.map(({ message }) => message),
  );
}

async function broadcast(context: ServiceContext, part: readonly Incoming<AssetDownloaded>[]): Promise<void> {
  const at = isoTime(context.clock.now());
  await produceTraced(
    context,
    TOPICS.assetBroadcast,
    part.map(({ message: { asset, file }, trace }) => ({
      key: asset.id,
      value: encodeMessage(AssetBroadcastMessage, { type: 'asset.broadcast', at, asset, file }),
      parent: trace.context,
    })),
  );
}

async function mark({ ports, clock }: ServiceContext, part: readonly AssetDownloaded[]): Promise<void> {
  const at = isoTime(clock.now());
  const outcomes = await ports.tables.updateMany(
    TABLES.assets,
    part.map(({ asset }) => markOf(asset.id, at)),
  );
  const missing = part.filter((_, index) => outcomes[index] === 'missing');
  // The table was lost and the stream was not: the message holds all that the row needs.
  if (missing.length > 0)
    await ports.tables.insertMany(
      TABLES.assets,
      missing.map((message) => toDocument(rebuiltRow(message, clock.now()))),
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
