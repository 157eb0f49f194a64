import { AssetReceiptMessage, AssetRequestMessage } from '@/lib/domain/messages';
import { RECEIPT_TOPIC_PREFIX, REQUEST_TOPIC_PREFIX } from '@/lib/domain/naming';
import type { ServiceDefinition } from '../contract';
import { route, startConsumers } from '../shared/consumers';
import { startWorkLoop } from '../shared/work-loop';
import { createDesk } from './desk';
import { ensureOutboundVolumes } from './known-edges';
import { applyReceipts } from './receipts';

/** Requests that wait for a download, and edges that are new, are looked for this often. */
const LOOK_INTERVAL_MS = 2000;

/** Stages what the edges ask for, and tells them; keeps account of what has arrived. */
export const responder: ServiceDefinition = {
  id: 'responder',
  async start(context) {
    const desk = createDesk(context);
    const consumers = await startConsumers(context, 'responder', [
      route({
        name: '',
        topics: { stream: 'replicated', prefix: REQUEST_TOPIC_PREFIX },
        schema: AssetRequestMessage,
        handle: (batch) => desk.take(batch),
      }),
      route({
        name: 'receipts',
        topics: { stream: 'replicated', prefix: RECEIPT_TOPIC_PREFIX },
        schema: AssetReceiptMessage,
        handle: (batch) => applyReceipts(context, batch),
      }),
    ]);
    const edges = new Set<string>();
    const loop = startWorkLoop(context, async () => {
      await ensureOutboundVolumes(context, edges);
      await desk.serveWaiting();
      return LOOK_INTERVAL_MS;
    });
    return {
      done: consumers.done,
      stop: async () => {
        await consumers.stop();
        await loop.finished;
      },
      wake: (reason) => loop.wake(reason),
    };
  },
};
