import type { AssetResponse } from '@/lib/domain/messages';
import { TABLES } from '@/lib/domain/naming';
import type { ServiceContext } from '../contract';
import { availableRow, EdgeAssetRow, isoTime, toDocument, withEntry } from '../rows';
import { announceAssets, announceEdgeRequests } from '../shared/announce';
import type { Incoming } from '../shared/consumers';
import { changeRow } from '../shared/row-changes';

type Patch = Partial<Omit<EdgeAssetRow, '_id' | 'rev'>>;
/** HQ says yes or no only to a request that waits for it. */
const WAITING: readonly string[] = ['requesting', 'requested'];
const WITHDRAWABLE: readonly string[] = [...WAITING, 'ready', 'mirroring'];

/** Applies HQ's answers to this edge; those to other edges pass by without a look at the table. */
export async function applyResponses(
  context: ServiceContext,
  batch: readonly Incoming<AssetResponse>[],
): Promise<void> {
  const { report, log, events, site } = context;
  for (const { message, trace } of batch) {
    if (message.edge !== site.id) continue;
    const row = await applyResponse(context, message, trace.traceparent);
    log.info('HQ answered', { asset: message.assetId, outcome: message.outcome, changed: row !== null });
    report.processed(1, `${message.outcome}: ${row?.asset.title ?? message.assetId}`);
    if (row) {
      announceAssets(events, site.id, 'listener', [row]);
      announceEdgeRequests(events, site.id, [row]);
    }
  }
}

async function applyResponse(
  { ports, clock }: ServiceContext,
  message: AssetResponse,
  trace: string,
): Promise<EdgeAssetRow | null> {
  const nowMs = clock.now();
  // The table was lost, or the answer came before the broadcast: it still says what is on its way.
  const unknown = placeholderRow(message, nowMs);
  if (unknown) await ports.tables.insert(TABLES.assets, toDocument(unknown));
  return changeRow<EdgeAssetRow>(
    ports.tables,
    TABLES.assets,
    message.assetId,
    (document) => EdgeAssetRow.parse(document),
    (row) => {
      const patch = answer(row, message, nowMs);
      return patch && { ...patch, trace };
    },
  );
}

/** What an answer makes of a row; null when it is about another request, or was applied before. */
export function answer(row: EdgeAssetRow, message: AssetResponse, nowMs: number): Patch | null {
  // A row without any request is of a table that was rebuilt: HQ knows the request, and what it staged will come with the mirror.
  const ours = row.requestId === message.requestId || (row.requestId === null && row.status === 'available');
  if (!ours) return null;
  const at = isoTime(nowMs);
  const entry = { at, by: 'HQ' };
  const common: Patch = { requestId: message.requestId, requestedAt: row.requestedAt ?? message.at, updatedAt: at };
  const waits = WAITING.includes(row.status) || row.requestId === null;
  if (message.outcome === 'staged' && waits)
    return {
      ...common,
      status: 'ready',
      reason: null,
      code: null,
      readyAtMs: nowMs,
      // The digest that counts is that of what was staged; the tiny preview is the broadcast's.
      file: message.file ? { ...message.file, tinyPreview: row.file?.tinyPreview } : row.file,
      timeline: withEntry(row.timeline, { ...entry, what: 'ready', detail: 'Staged at HQ' }),
    };
  if (message.outcome === 'rejected' && waits) {
    const reason = message.reason ?? 'HQ gave no reason';
    return {
      ...common,
      status: 'failed',
      reason,
      code: null,
      timeline: withEntry(row.timeline, { ...entry, what: 'failed', detail: reason }),
    };
  }
  if (message.outcome === 'cancelled' && row.requestId !== null && WITHDRAWABLE.includes(row.status))
    return { ...common, status: 'cancelled', timeline: withEntry(row.timeline, { ...entry, what: 'cancelled' }) };
  return null;
}

/** A row for an asset that only a `staged` answer tells of. */
function placeholderRow(message: AssetResponse, nowMs: number): EdgeAssetRow | null {
  if (message.outcome !== 'staged' || !message.file) return null;
  const asset = {
    id: message.assetId,
    feed: 'unknown',
    sourceId: message.assetId,
    title: message.file.fileName,
    kind: 'other' as const,
    keywords: [],
  };
  return { ...availableRow(asset, message.file, nowMs), described: false };
}
