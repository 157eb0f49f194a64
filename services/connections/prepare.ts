import { VOLUMES } from '@/lib/domain/naming';
import type { SitePorts } from '@/lib/ports';
import { type ProvisionStep, provisionSteps, volumeStep } from '../runtime/provision';
import type { Step } from './job-board';

/** What a start would make sure of, one by one, and at HQ what the edges known by now need. `comesHere`: an edge that
 * stands elsewhere still; its link begins when it goes over. */
export function prepareSteps(
  site: { id: string; role: 'hq' | 'edge' },
  ports: SitePorts,
  edges: readonly string[],
  options: { comesHere?: boolean } = {},
): Step[] {
  const steps = provisionSteps(site, ports, options);
  const outbound = site.role === 'hq' ? edges.map((edge) => volumeStep(ports, VOLUMES.outbound(edge))) : [];
  return [...steps, ...outbound].map(asStep);
}

const asStep = ({ title, door, isThere, ensure }: ProvisionStep): Step => ({
  title,
  async run({ tell }) {
    const there = await isThere();
    // A link or mirror that is there may lead elsewhere.
    if (!there || door === 'link' || door === 'mirror') await ensure();
    if (!there) return 'done';
    tell('exists');
    return 'skipped';
  },
});
