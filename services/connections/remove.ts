import { type ConnectionTarget, readConnection } from '@/lib/config';
import type { Runtime, SiteRuntime } from '../contract';
import { placesOf } from './doors';
import { foundAt } from './found';
import { inventoriesOf } from './inventory';
import type { JobPlan, Step } from './job-board';
import { isOurs } from './ours';
import { trialConfig } from './targets';

/** Removes what this mission made on a target, door by door; `forget` is done when all of it is gone. */
export function removePlan(
  runtime: Runtime,
  site: SiteRuntime,
  target: ConnectionTarget,
  forget: () => Promise<void>,
): JobPlan {
  const { mission } = runtime.config;
  const trial = trialConfig(runtime.config, site.id, target);
  const connection = readConnection(runtime.config, site.id);
  const inventories = inventoriesOf(trial.config, trial.site, target);
  const steps = inventories.map(({ what, list, remove }): Step => {
    const place = placesOf(target).find((one) => one.what === what);
    const found = place ? foundAt(mission, connection, place) : null;
    return {
      title: `The ${what} of ${mission}`,
      async run({ tell }) {
        const there = await list();
        const ours = there.filter((name) => isOurs(mission, what, name));
        const foreign = there.filter((name) => !ours.includes(name));
        const kept = ours.filter((name) => found?.includes(name));
        const made = ours.filter((name) => !kept.includes(name));
        if (made.length > 0) await remove(made, tell);
        const parts = [
          made.join(', ') || 'none there that it made',
          kept.length > 0 && `kept: ${kept.join(', ')}, which ${kept.length > 1 ? 'were' : 'was'} there before`,
          foreign.length > 0 && `left: ${foreign.join(', ')}, which no mission makes`,
          found === null && 'by name: what was there before was not written down',
        ];
        tell(parts.filter(Boolean).join('; '));
        return made.length > 0 ? 'done' : 'skipped';
      },
    };
  });
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
