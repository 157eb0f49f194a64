import { mapBounded } from '@/lib/concurrency/bounded';
import type { AssetRequest } from '@/lib/domain/messages';
import { edgeOfTopic, TABLES } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import { withTrace } from '@/lib/tracing';
import type { ServiceContext } from '../contract';
import { HqRequestRow, toDocument } from '../rows';
import { announceHqRequests } from '../shared/announce';
import type { Incoming } from '../shared/consumers';
import { traceOf } from '../shared/traced';
import { answerRequest, cancelRequest } from './answer';
import { newRequest } from './new-request';

/** Copies at once; each is a hard link in the fabric, so this bounds calls, not bytes. */
const REQUESTS_AT_ONCE = 8;
/** Requests that wait for a download, looked at in one round. */
const WAITING_MAX = 500;

export interface Desk {
  take(batch: readonly Incoming<AssetRequest>[]): Promise<void>;
  /** Looks again at requests that could not be answered yet. */
  serveWaiting(): Promise<void>;
}

/**
 * Takes requests one batch after the other: what the stream brings and the look at waiting ones never work on the same request together.
 * Every step is idempotent by request id, so a crash anywhere means that the message comes again.
 */
export function createDesk(context: ServiceContext): Desk {
  const { ports, clock, events } = context;
  let tail: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = tail.then(work);
    tail = result.catch(() => undefined);
    return result;
  };

  async function takeOne({ message, topic, trace }: Incoming<AssetRequest>): Promise<void> {
    if (edgeOfTopic(topic.topic) !== message.edge)
      throw new FieldlineError('MESSAGE_INVALID', `The request is of ${message.edge} but came on ${topic.topic}`);
    if (message.type === 'asset.cancel') {
      await cancelRequest(context, message, trace.context);
      return;
    }
    const created = newRequest(message, clock.now(), trace.traceparent);
    if (await ports.tables.insert(TABLES.requests, toDocument(created))) announceHqRequests(events, [created]);
    const document = await ports.tables.get(TABLES.requests, message.requestId);
    const row = document ? HqRequestRow.parse(document) : created;
    if (row.edge !== message.edge || row.assetId !== message.assetId)
      throw new FieldlineError('MESSAGE_INVALID', `The request id ${message.requestId} was used for another request`);
    await answerRequest(context, row, trace.context);
  }

  return {
    take: (batch) =>
      inTurn(async () => {
        // An asset's requests and cancels stay in order; different assets go side by side.
        const byAsset = new Map<string, Incoming<AssetRequest>[]>();
        for (const incoming of batch) {
          const key = `${incoming.message.edge}/${incoming.message.assetId}`;
          byAsset.set(key, [...(byAsset.get(key) ?? []), incoming]);
        }
        await mapBounded([...byAsset.values()], REQUESTS_AT_ONCE, async (group) => {
          for (const incoming of group) await withTrace(incoming.trace.context, () => takeOne(incoming));
        });
      }),
    serveWaiting: () =>
      inTurn(async () => {
        const documents = await ports.tables.find(TABLES.requests, {
          condition: { $eq: { status: 'requested' } },
          limit: WAITING_MAX,
        });
        await mapBounded(documents, REQUESTS_AT_ONCE, (document) => {
          const row = HqRequestRow.parse(document);
          return answerRequest(context, row, traceOf(row));
        });
      }),
  };
}
