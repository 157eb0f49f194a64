import type { ServiceDefinition } from '../contract';
import { startWorkLoop } from '../shared/work-loop';
import { sendRequests } from './handler';

/** Rows are looked for this often when nobody wakes the service. */
const LOOK_INTERVAL_MS = 1000;

/** Sends what the field team asks for to HQ, until HQ answers. */
export const requester: ServiceDefinition = {
  id: 'requester',
  async start(context) {
    const loop = startWorkLoop(context, async () => {
      const more = await sendRequests(context);
      return more ? 0 : LOOK_INTERVAL_MS;
    });
    return { done: loop.finished, stop: () => loop.finished, wake: (reason) => loop.wake(reason) };
  },
};
