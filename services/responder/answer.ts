import { type AssetRequest, type AssetResponse, AssetResponseMessage, encodeMessage } from '@/lib/domain/messages';
import { TABLES, TOPICS } from '@/lib/domain/naming';
import { isFieldlineError } from '@/lib/errors';
import { formatTraceparent, type TraceContext } from '@/lib/tracing';
import type { ServiceContext } from '../contract';
import { HqAssetRow, HqRequestRow, isoTime, toDocument, withEntry } from '../rows';
import { announceHqRequests } from '../shared/announce';
import { changeRow } from '../shared/row-changes';
import { inSpans, produceTraced } from '../shared/traced';
import { newRequest } from './new-request';
import { stageFile, unstageFile } from './staging';

type Answer = Pick<AssetResponse, 'outcome' | 'reason' | 'file'>;

const REASON_LENGTH_MAX = 500;
const GONE = 'HQ no longer has the file';

/**
 * Answers a request as it stands: stages a new one, rejects what can not be had, and repeats the answer to one that was answered before
 * (the edge asks again because it did not hear). A request for an asset that HQ is still fetching waits.
 */
export async function answerRequest(
  context: ServiceContext,
  row: HqRequestRow,
  parent: TraceContext | null,
): Promise<void> {
  const document = await context.ports.tables.get(TABLES.assets, row.assetId);
  const asset = document ? HqAssetRow.parse(document) : null;
  const answer = row.status === 'requested' ? decide(row, asset) : repeat(row, asset);
  if (answer === null) return;
  const span = context.tracer.start('answer request', {
    parent,
    attributes: {
      'fieldline.site': context.site.id,
      'fieldline.service': 'responder',
      'fieldline.asset.id': row.assetId,
      'fieldline.request.id': row._id,
      'fieldline.edge': row.edge,
    },
  });
  const final = await inSpans([span], async () => {
    const said = answer.outcome === 'staged' ? await stage(context, row.edge, asset!) : answer;
    span.set({ 'fieldline.request.outcome': said.outcome });
    return said;
  });
  await respond(context, row, final, span.context);
  const facts = { title: asset?.asset.title ?? row.title, bytes: asset?.file?.bytes ?? row.bytes };
  if (row.status === 'requested') await settle(context, row, final, facts);
}

/** Withdraws a request: what was staged for it goes, unless another request of that edge still wants it. */
export async function cancelRequest(
  context: ServiceContext,
  message: AssetRequest,
  parent: TraceContext,
): Promise<void> {
  const { ports, clock } = context;
  // A cancel may be all that HQ ever sees of a request; its row keeps a late request from being staged.
  const row = newRequest(message, clock.now(), formatTraceparent(parent));
  await ports.tables.insert(TABLES.requests, toDocument(row));
  const current = HqRequestRow.parse(await ports.tables.get(TABLES.requests, message.requestId));
  // Too late: the edge has the file, and taking it away would take it from the edge's mirror.
  if (current.status === 'received') return;
  await unstageFile(context, current);
  await respond(context, current, { outcome: 'cancelled' }, parent);
  if (current.status !== 'cancelled')
    await settle(context, current, { outcome: 'cancelled' }, { title: current.title, bytes: current.bytes });
}

/** What HQ says to a request that has no answer yet; null: it waits. */
function decide(row: HqRequestRow, asset: HqAssetRow | null): Answer | null {
  if (!asset) return rejection(`HQ has no asset ${row.assetId}`);
  if (asset.status === 'failed')
    return rejection(`HQ could not fetch it: ${asset.reason ?? 'the reason is not known'}`);
  return asset.file ? staged(asset) : null;
}

function repeat(row: HqRequestRow, asset: HqAssetRow | null): Answer | null {
  if (row.status === 'rejected') return rejection(row.reason ?? 'HQ gave no reason');
  if (row.status === 'cancelled') return { outcome: 'cancelled' };
  return asset?.file ? staged(asset) : rejection(GONE);
}

async function stage(context: ServiceContext, edge: string, asset: HqAssetRow): Promise<Answer> {
  try {
    await stageFile(context, edge, asset);
    return staged(asset);
  } catch (error) {
    // The table outlived the volume: better a no with its reason than a request that waits for ever.
    if (isFieldlineError(error, 'NOT_FOUND')) return rejection(GONE);
    throw error;
  }
}

const rejection = (reason: string): Answer => ({ outcome: 'rejected', reason: reason.slice(0, REASON_LENGTH_MAX) });
function staged(asset: HqAssetRow): Answer {
  const { tinyPreview: _, ...file } = asset.file!;
  return { outcome: 'staged', file };
}

async function respond(
  context: ServiceContext,
  row: HqRequestRow,
  answer: Answer,
  parent: TraceContext | null,
): Promise<void> {
  await produceTraced(context, TOPICS.assetResponse, [
    {
      key: row.assetId,
      value: encodeMessage(AssetResponseMessage, {
        type: 'asset.response',
        at: isoTime(context.clock.now()),
        requestId: row._id,
        edge: row.edge,
        assetId: row.assetId,
        ...answer,
      }),
      parent,
    },
  ]);
}

/** Writes the answer into the request's row, after the response is durable: a crash between the two answers again. */
async function settle(
  context: ServiceContext,
  row: HqRequestRow,
  answer: Answer,
  facts: Pick<HqRequestRow, 'title' | 'bytes'>,
): Promise<void> {
  const { ports, clock, report, log, events } = context;
  const at = isoTime(clock.now());
  const changed = await changeRow<HqRequestRow>(
    ports.tables,
    TABLES.requests,
    row._id,
    (document) => HqRequestRow.parse(document),
    (current) =>
      current.status === 'received' || current.status === answer.outcome
        ? null
        : {
            ...facts,
            status: answer.outcome,
            reason: answer.reason ?? null,
            updatedAt: at,
            timeline: withEntry(current.timeline, {
              at,
              what: answer.outcome,
              by: 'responder',
              ...(answer.reason ? { detail: answer.reason } : {}),
            }),
          },
  );
  if (!changed) return;
  report.processed(1, `${answer.outcome} for ${row.edge}: ${facts.title ?? row.assetId}`);
  log.info('Answered', { request: row._id, edge: row.edge, asset: row.assetId, outcome: answer.outcome });
  announceHqRequests(events, [changed]);
}
