import type { AssetReceipt } from '@/lib/domain/messages';
import { edgeOfTopic, TABLES } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import type { ServiceContext } from '../contract';
import { HqRequestRow, isoTime, toDocument, withEntry } from '../rows';
import { announceHqRequests } from '../shared/announce';
import type { Incoming } from '../shared/consumers';
import { changeRow } from '../shared/row-changes';
import { newRequest } from './new-request';

/** Marks requests as received. A receipt of a request that HQ does not know (its table was rebuilt) makes the row: the edge does have it. */
export async function applyReceipts(context: ServiceContext, batch: readonly Incoming<AssetReceipt>[]): Promise<void> {
  const { ports, clock, report, log, events } = context;
  for (const { message, topic, trace } of batch) {
    if (edgeOfTopic(topic.topic) !== message.edge)
      throw new FieldlineError('MESSAGE_INVALID', `The receipt is of ${message.edge} but came on ${topic.topic}`);
    const at = isoTime(clock.now());
    await ports.tables.insert(TABLES.requests, toDocument(newRequest(message, clock.now(), trace.traceparent)));
    const changed = await changeRow<HqRequestRow>(
      ports.tables,
      TABLES.requests,
      message.requestId,
      (document) => HqRequestRow.parse(document),
      (row) =>
        row.status === 'received'
          ? null
          : {
              status: 'received',
              reason: null,
              trace: trace.traceparent,
              updatedAt: at,
              timeline: withEntry(row.timeline, { at, what: 'received', by: message.edge, detail: 'Digest checked' }),
            },
    );
    if (!changed) continue;
    report.processed(1, `received by ${message.edge}: ${changed.title ?? message.assetId}`);
    log.info('Received', { request: message.requestId, edge: message.edge, asset: message.assetId });
    announceHqRequests(events, [changed]);
  }
}
