import { AssetDownloadedMessage } from '@/lib/domain/messages';
import { TOPICS } from '@/lib/domain/naming';
import type { ServiceDefinition } from '../contract';
import { route, startConsumers } from '../shared/consumers';
import { broadcastBatch } from './handler';

/** Larger than usual: one produce and one bulk update a batch carry the rate. */
const BATCH_RECORDS_MAX = 1000;

/** Tells every edge of each asset that HQ has downloaded. */
export const broadcaster: ServiceDefinition = {
  id: 'broadcaster',
  start: (context) =>
    startConsumers(context, 'broadcaster', [
      route({
        name: '',
        topics: [TOPICS.assetDownloaded],
        schema: AssetDownloadedMessage,
        maxBatchRecords: BATCH_RECORDS_MAX,
        handle: (batch) => broadcastBatch(context, batch),
      }),
    ]),
};
