import type { AssetBroadcast } from '@/lib/domain/messages';
import { TABLES } from '@/lib/domain/naming';
import type { ServiceContext } from '../contract';
import { availableRow, isoTime, searchText, toDocument } from '../rows';
import { announceAssets } from '../shared/announce';
import type { Incoming } from '../shared/consumers';

/**
 * Lists what HQ broadcast. An asset that is listed keeps its row, so that a repeated broadcast never resets a request; only a row that a
 * response made before its broadcast came gets its description now.
 */
export async function listBroadcasts(
  context: ServiceContext,
  batch: readonly Incoming<AssetBroadcast>[],
): Promise<void> {
  const { ports, clock, report, log, events, site } = context;
  const nowMs = clock.now();
  // One asset may be in a batch twice.
  const messages = new Map(batch.map((incoming) => [incoming.message.asset.id, incoming]));
  const rows = [...messages.values()].map(({ message: { asset, file }, trace }) =>
    availableRow(asset, file, nowMs, trace.traceparent),
  );
  const inserted = new Set(await ports.tables.insertMany(TABLES.assets, rows.map(toDocument)));
  const known = [...messages.values()].map(({ message }) => message).filter(({ asset }) => !inserted.has(asset.id));
  if (known.length > 0)
    await ports.tables.updateMany(
      TABLES.assets,
      known.map(({ asset, file }) => ({
        id: asset.id,
        condition: { $eq: { described: false } },
        mutation: {
          $put: JSON.parse(
            JSON.stringify({ asset, file, described: true, search: searchText(asset), updatedAt: isoTime(nowMs) }),
          ),
          $increment: { rev: 1 },
        },
      })),
    );
  report.processed(inserted.size, rows.at(-1)?.asset.title);
  log.info('Listed', { assets: inserted.size, known: known.length });
  announceAssets(
    events,
    site.id,
    'listener',
    rows.filter((row) => inserted.has(row._id)),
  );
}
