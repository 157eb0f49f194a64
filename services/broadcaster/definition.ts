import { AssetDownloadedMessage } from '@/lib/domain/messages';
import { TOPICS } from '@/lib/domain/naming';
import type { ServiceDefinition } from '../contract';
import { route, startConsumers } from '../shared/consumers';
import { broadcastBatch } from './handler';

/** Larger than usual: at the beginning and at the end of every batch others wait for it (bench/README.md). */
const BATCH_RECORDS_MAX = 2000;

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
