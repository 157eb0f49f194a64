import type { ServiceDefinition } from '../contract';
import { startWorkLoop } from '../shared/work-loop';
import { createViewer } from './handler';

/** While something waits for the mirror or moves. */
const BUSY_INTERVAL_MS = 1000;
/** While nothing does; whoever changes that wakes the service. */
const IDLE_INTERVAL_MS = 5000;
const WAKING_EVENTS: readonly string[] = ['mirror', 'request'];

/** Watches the mirror; what has come and is what HQ promised becomes delivered, and HQ gets a receipt. */
export const viewer: ServiceDefinition = {
  id: 'viewer',
  async start(context) {
    const look = createViewer(context);
    const loop = startWorkLoop(context, async () => ((await look()) ? BUSY_INTERVAL_MS : IDLE_INTERVAL_MS));
    const unsubscribe = context.events.subscribe(({ name, payload }) => {
      if (!WAKING_EVENTS.includes(name)) return;
      const where = 'site' in payload ? payload.site : 'edge' in payload ? payload.edge : null;
      if (where === context.site.id) loop.wake(name);
    });
    return {
      done: loop.finished,
      stop: async () => {
        unsubscribe();
        await loop.finished;
      },
      wake: (reason) => loop.wake(reason),
    };
  },
};
