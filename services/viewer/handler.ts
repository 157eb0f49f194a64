import { TABLES, VOLUMES } from '@/lib/domain/naming';
import type { FileInfo, MirrorStatus } from '@/lib/ports';
import type { ServiceContext } from '../contract';
import { EdgeAssetRow } from '../rows';
import { announceAssets, announceEdgeRequests } from '../shared/announce';
import { changeRows } from '../shared/row-changes';
import { patchFor, pathOf } from './judge';
import { sendReceipts } from './receipts';
import { startView, type View } from './trace';

/** Rows of one round; what is left comes with the next. */
const ROUND_ROWS_MAX = 1000;
/** Up to here files are looked at one by one; beyond, one listing is cheaper. */
const STATS_MAX = 20;

/**
 * Builds the round of the viewer: brings rows to what the mirror volume shows, then writes the receipts that are due (also those that a
 * crash left). Resolves with true while something waits or moves.
 */
export function createViewer(context: ServiceContext): () => Promise<boolean> {
  let seen = '';
  return async () => {
    const { ports } = context;
    const documents = await ports.tables.find(TABLES.assets, {
      condition: { $in: { status: ['ready', 'mirroring'] } },
      limit: ROUND_ROWS_MAX,
    });
    const rows = documents.map((document) => EdgeAssetRow.parse(document));
    if (rows.length > 0) {
      const mirror = await ports.volumes.mirrorStatus(VOLUMES.inbound);
      // Files are looked at only when the mirror or the rows moved since.
      const now = fingerprint(mirror, rows);
      if (now !== seen) {
        await judgeAll(context, rows, mirror);
        seen = now;
      }
    }
    await sendReceipts(context);
    return rows.length > 0;
  };
}

async function judgeAll(context: ServiceContext, rows: readonly EdgeAssetRow[], mirror: MirrorStatus): Promise<void> {
  const { ports, clock, report, log, events, site } = context;
  const startedAtMs = clock.now();
  const files = await filesOf(context, rows);
  const views = new Map<string, View>();
  const changes = rows.flatMap((row) => {
    const patch = patchFor(row, files.get(pathOf(row)) ?? null, mirror, clock.now());
    if (!patch) return [];
    if (patch.status !== 'delivered' && patch.status !== 'failed') return [{ row, patch }];
    const view = startView(context, row, mirror);
    views.set(row._id, view);
    return [{ row, patch: { ...patch, trace: view.traceparent } }];
  });
  const changed = await changeRows(ports.tables, TABLES.assets, changes);
  if (changed.length > 0) report.took(clock.now() - startedAtMs);
  for (const row of changed) {
    // One that moved meanwhile is judged again, and traced then.
    views.get(row._id)?.end(row.status === 'failed' ? row.reason : null);
    if (row.status === 'delivered') report.processed(1, row.asset.title);
    if (row.status === 'failed') report.failed(new Error(row.reason ?? 'Not what HQ promised'));
  }
  if (changed.length > 0) log.info('The mirror moved', { rows: changed.length, mirror: mirror.state });
  announceAssets(events, site.id, 'viewer', changed);
  announceEdgeRequests(events, site.id, changed);
}

async function filesOf({ ports }: ServiceContext, rows: readonly EdgeAssetRow[]): Promise<Map<string, FileInfo>> {
  const infos =
    rows.length > STATS_MAX
      ? await ports.volumes.list(VOLUMES.inbound)
      : await Promise.all(rows.map((row) => ports.volumes.stat(VOLUMES.inbound, pathOf(row))));
  return new Map(infos.filter((info) => info !== null).map((info) => [info.path, info]));
}

const fingerprint = (mirror: MirrorStatus, rows: readonly EdgeAssetRow[]) =>
  JSON.stringify([
    mirror.state,
    mirror.filesDone,
    mirror.bytesDone,
    mirror.startedAt,
    mirror.lastSuccessAt,
    mirror.pending.map((file) => file.path),
    rows.map((row) => [row._id, row.rev]),
  ]);
