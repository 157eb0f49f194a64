/** A site goes on with its draft, taking nothing along. */
import { type FieldlineConfig, readConnection } from '@/lib/config';
import { isFieldlineError, shownMessage } from '@/lib/errors';
import type { Runtime, SiteRuntime } from '../contract';
import { closePorts } from './check';
import { beginCrossing, DIRECTIONS, endCrossing } from './crossing';
import { sameStreams } from './doors';
import { noteFound } from './found';
import type { JobPlan, Step } from './job-board';
import { prepareSteps } from './prepare';
import { configWithDrafts, draftOf, previousOf, save, targetInUse, trialConfig } from './targets';

/** The sites that go over, and the configuration then: where sites have to change together, all drafts are taken. Fails with CONFLICT. */
export function goingTogether(runtime: Runtime, id: string): { ids: string[]; config: FieldlineConfig } {
  try {
    return { ids: [id], config: configWithDrafts(runtime.config, [id]) };
  } catch (error) {
    const ids = [...runtime.sites.keys()].filter((one) => readConnection(runtime.config, one).draft !== null);
    if (ids.length < 2) throw error;
    return { ids, config: configWithDrafts(runtime.config, ids) };
  }
}

/** Whether a site's draft has other streams than it stands on: then its link stops here and begins there. */
export const goesElsewhere = (runtime: Runtime, site: SiteRuntime): boolean =>
  site.role === 'edge' && !sameStreams(targetInUse(site.config), draftOf(runtime.config, site.id).target);

/** Fails with CONFLICT where the draft does not fit to the other sites. */
export function usePlan(runtime: Runtime, site: SiteRuntime): JobPlan {
  const { ids, config } = goingTogether(runtime, site.id);
  const affected = site.role === 'hq' ? config.sites.map(({ id }) => id) : ids;
  const going = ids.map((id) => runtime.sites.get(id)!).filter((one) => goesElsewhere(runtime, one));
  const places = going.map((edge) => {
    const trial = trialConfig(config, edge.id, draftOf(runtime.config, edge.id).target);
    return { edge, ports: runtime.openPorts(trial.config, trial.site) };
  });
  let over = false;
  const goOver: Step = {
    title: `${ids.join(' and ')} ${ids.length > 1 ? 'go' : 'goes'} over`,
    async run() {
      for (const id of ids) {
        const connection = readConnection(runtime.config, id);
        const before = connection.inUse ?? {
          id: 'configured',
          target: targetInUse(runtime.sites.get(id)!.config),
        };
        await save(runtime.config, id, {
          ...connection,
          inUse: connection.draft,
          draft: null,
          previous: previousOf(connection, before, connection.draft?.target ?? before.target),
        });
      }
      over = true;
      await runtime.reconfigure(config, affected);
      return 'done';
    },
  };
  return {
    kind: 'use',
    steps: [
      ...ids.map((id) => noteFound(runtime, id, draftOf(runtime.config, id).target, { unlessAway: true })),
      ...places.flatMap(({ edge, ports }) => prepareSteps(edge, ports, [], { comesHere: true })),
      ...going.map((edge) => leaving(runtime, edge)),
      goOver,
      ...going.map(({ id }) => arriving(runtime, id)),
    ],
    async finally() {
      await Promise.allSettled(places.map(({ ports }) => closePorts(ports)));
      // It did not come to it: the link goes on where it was.
      if (over) return;
      await Promise.allSettled(going.map(({ id, ports }) => endCrossing(runtime.config, id, ports.links)));
    },
  };
}

/** Two links of one site would both write its topics at HQ. One that can not be asked is no reason to stay there. */
const leaving = (runtime: Runtime, { id, ports }: SiteRuntime): Step => ({
  title: `The link of ${id} stops where it was`,
  async run({ tell }) {
    await beginCrossing(runtime.config, id);
    try {
      for (const direction of DIRECTIONS) await ports.links?.pause(direction);
      return 'done';
    } catch (error) {
      if (!isFieldlineError(error, 'UNAVAILABLE', 'TIMEOUT', 'NOT_FOUND', 'CONFLICT')) throw error;
      tell(`${shownMessage(error)}. Should that fabric come back, keep it from carrying anything for ${id}`);
      return 'skipped';
    }
  },
});

const arriving = (runtime: Runtime, id: string): Step => ({
  title: `The link of ${id} begins there`,
  async run({ tell }) {
    const { links } = runtime.sites.get(id)!.ports;
    if (await endCrossing(runtime.config, id, links)) return 'done';
    tell('there is none to resume');
    return 'skipped';
  },
});
