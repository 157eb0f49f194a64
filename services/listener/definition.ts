import { AssetBroadcastMessage, AssetResponseMessage } from '@/lib/domain/messages';
import { TOPICS } from '@/lib/domain/naming';
import type { TopicRef } from '@/lib/ports';
import type { ServiceDefinition } from '../contract';
import { route, startConsumers } from '../shared/consumers';
import { listBroadcasts } from './broadcasts';
import { applyResponses } from './responses';

/** One bulk insert a batch; with tiny previews a batch is a few MB. */
const BATCH_RECORDS_MAX = 1000;

/** HQ's topics are replicas here: they appear when the link first brings them, which may be long after the service has started. */
const asItAppears = ({ stream, topic }: TopicRef) => ({ stream, prefix: topic });

/** Keeps the edge's table of what HQ has, and of what HQ answers. */
export const listener: ServiceDefinition = {
  id: 'listener',
  start: (context) =>
    startConsumers(context, 'listener', [
      route({
        name: '',
        topics: asItAppears(TOPICS.assetBroadcast),
        schema: AssetBroadcastMessage,
        maxBatchRecords: BATCH_RECORDS_MAX,
        handle: (batch) => listBroadcasts(context, batch),
      }),
      route({
        name: 'responses',
        topics: asItAppears(TOPICS.assetResponse),
        schema: AssetResponseMessage,
        handle: (batch) => applyResponses(context, batch),
      }),
    ]),
};
