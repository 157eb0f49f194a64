import type { ConnectionTarget } from '@/lib/config';
import type { Runtime, SiteRuntime } from '../contract';
import { inventoriesOf } from './inventory';
import type { JobPlan, Step } from './job-board';
import { trialConfig } from './targets';

/** Removes what this mission made on a target, door by door; `forget` is done when all of it is gone. */
export function removePlan(
  runtime: Runtime,
  site: SiteRuntime,
  target: ConnectionTarget,
  forget: () => Promise<void>,
): JobPlan {
  const trial = trialConfig(runtime.config, site.id, target);
  const inventories = inventoriesOf(trial.config, trial.site, target);
  const steps = inventories.map(
    ({ what, list, remove }): Step => ({
      title: `The ${what} of ${runtime.config.mission}`,
      async run({ tell }) {
        const names = await list();
        if (names.length === 0) {
          tell('none there');
          return 'skipped';
        }
        await remove(names, tell);
        tell(names.join(', '));
        return 'done';
      },
    }),
  );
  const last: Step = {
    title: 'The connection and its secrets',
    async run() {
      await forget();
      return 'done';
    },
  };
  return {
    kind: 'remove',
    steps: [...steps, last],
    finally: async () => {
      await Promise.allSettled(inventories.map((inventory) => inventory.close()));
    },
  };
}
