import type { AssetFeed } from '@/lib/domain/messages';
import { TABLES } from '@/lib/domain/naming';
import type { ServiceContext } from '../contract';
import { announcedRow, toDocument } from '../rows';
import { announceAssets } from '../shared/announce';
import type { Incoming } from '../shared/consumers';

/** Sees to it that every announced asset has its row. It has one already, unless the table was lost and the stream was not. */
export async function takeAnnouncements(context: ServiceContext, batch: readonly Incoming<AssetFeed>[]): Promise<void> {
  const { ports, clock, events, site } = context;
  const rows = batch.map(({ message, trace }) => ({
    ...announcedRow(message.asset, message, clock.now(), trace.traceparent),
    // It was announced: that is how we know of it.
    outbox: null,
  }));
  const inserted = new Set(await ports.tables.insertMany(TABLES.assets, rows.map(toDocument)));
  announceAssets(
    events,
    site.id,
    'downloader',
    rows.filter((row) => inserted.has(row._id)),
  );
}
