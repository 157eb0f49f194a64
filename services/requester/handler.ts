import { type AssetRequest, AssetRequestMessage, encodeMessage } from '@/lib/domain/messages';
import { TABLES, TOPICS } from '@/lib/domain/naming';
import type { Condition } from '@/lib/ojai/types';
import type { ServiceContext } from '../contract';
import { EdgeAssetRow, isoTime, withEntry } from '../rows';
import { announceAssets, announceEdgeRequests } from '../shared/announce';
import { changeRows } from '../shared/row-changes';
import { produceTraced, traceOf } from '../shared/traced';

/** Rows of one round; what is left comes with the next. */
const ROUND_ROWS_MAX = 500;

/**
 * One round: writes cancels, new requests, and requests that have waited too long for an answer (under the same id, so that HQ stages
 * once). Messages first, then the rows: a crash between the two sends them again. True when there may be more to do at once.
 */
export async function sendRequests(context: ServiceContext): Promise<boolean> {
  const full = [
    // Cancels first: a row that was cancelled and requested again owes HQ both, in this order.
    await sendCancels(context, await find(context, { $eq: { cancelDue: true } })),
    await sendNew(context, await find(context, { $eq: { status: 'requesting' } })),
    await sendAgain(context),
  ];
  return full.includes(true);
}

async function find({ ports }: ServiceContext, condition: Condition): Promise<EdgeAssetRow[]> {
  const documents = await ports.tables.find(TABLES.assets, { condition, limit: ROUND_ROWS_MAX });
  return documents.map((document) => EdgeAssetRow.parse(document));
}

async function sendCancels(context: ServiceContext, rows: readonly EdgeAssetRow[]): Promise<boolean> {
  const { ports, log } = context;
  if (rows.length === 0) return false;
  await produce(
    context,
    rows.flatMap((row) => row.pendingCancels.map((requestId) => ({ type: 'asset.cancel', requestId, row }) as const)),
  );
  // A row that moved meanwhile keeps its flag, and its cancels are written again: HQ cancels once.
  await changeRows(
    ports.tables,
    TABLES.assets,
    rows.map((row) => ({ row, patch: { pendingCancels: [], cancelDue: false } })),
  );
  log.info('Cancelled', { requests: rows.length });
  context.report.processed(rows.length, `cancelled: ${rows.at(-1)?.asset.title}`);
  return rows.length === ROUND_ROWS_MAX;
}

async function sendNew(context: ServiceContext, rows: readonly EdgeAssetRow[]): Promise<boolean> {
  const { ports, clock, log, report, events, site } = context;
  if (rows.length === 0) return false;
  await produce(context, rows.map(requestOf));
  const nowMs = clock.now();
  const at = isoTime(nowMs);
  const sent = await changeRows(
    ports.tables,
    TABLES.assets,
    rows.map((row) => ({
      row,
      patch: {
        status: 'requested' as const,
        lastSentAtMs: nowMs,
        updatedAt: at,
        timeline: withEntry(row.timeline, { at, what: 'requested', by: 'requester' }),
      },
    })),
  );
  log.info('Requested', { requests: sent.length });
  report.processed(sent.length, rows.at(-1)?.asset.title);
  announceAssets(events, site.id, 'requester', sent);
  announceEdgeRequests(events, site.id, sent);
  return rows.length === ROUND_ROWS_MAX;
}

async function sendAgain(context: ServiceContext): Promise<boolean> {
  const { ports, clock, log, config } = context;
  const rows = await find(context, {
    $and: [{ $eq: { status: 'requested' } }, { $le: { lastSentAtMs: clock.now() - config.limits.requestResendMs } }],
  });
  if (rows.length === 0 || !(await linkMoves(context))) return false;
  await produce(context, rows.map(requestOf));
  const lastSentAtMs = clock.now();
  await changeRows(
    ports.tables,
    TABLES.assets,
    rows.map((row) => ({ row, patch: { lastSentAtMs } })),
  );
  log.info('Requested again, for want of an answer', { requests: rows.length });
  return rows.length === ROUND_ROWS_MAX;
}

/** While the link does not move, the first request still waits in the stream: more of them would only make the queue longer. */
async function linkMoves({ ports }: ServiceContext): Promise<boolean> {
  if (!ports.links) return true;
  const { inbound, outbound } = await ports.links.status();
  return inbound.state === 'up' && outbound.state === 'up' && !outbound.lagRecords;
}

type Outgoing = { type: AssetRequest['type']; requestId: string; row: EdgeAssetRow };
/** A row that is being requested has a request id: `requestChange` sets both. */
const requestOf = (row: EdgeAssetRow): Outgoing => ({ type: 'asset.request', requestId: row.requestId!, row });

/** Keyed by asset, so that an asset's requests and cancels reach HQ in order. */
async function produce(context: ServiceContext, messages: readonly Outgoing[]): Promise<void> {
  const { clock, site } = context;
  const at = isoTime(clock.now());
  await produceTraced(
    context,
    TOPICS.request(site.id),
    messages.map(({ type, requestId, row }) => ({
      key: row._id,
      value: encodeMessage(AssetRequestMessage, { type, at, requestId, edge: site.id, assetId: row._id }),
      parent: traceOf(row),
    })),
  );
}
