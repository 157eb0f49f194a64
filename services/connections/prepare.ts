import { VOLUMES } from '@/lib/domain/naming';
import type { SitePorts } from '@/lib/ports';
import { type ProvisionStep, provisionSteps, volumeStep } from '../runtime/provision';
import type { Step } from './job-board';

/** What a start would make sure of, one by one, and at HQ what the edges known by now need. */
export function prepareSteps(
  site: { id: string; role: 'hq' | 'edge' },
  ports: SitePorts,
  edges: readonly string[],
): Step[] {
  const steps = provisionSteps(site, ports);
  const outbound = site.role === 'hq' ? edges.map((edge) => volumeStep(ports, VOLUMES.outbound(edge))) : [];
  return [...steps, ...outbound].map(asStep);
}

const asStep = ({ title, door, isThere, ensure }: ProvisionStep): Step => ({
  title,
  async run() {
    const there = await isThere();
    // A link or mirror that is there may lead elsewhere.
    if (!there || door === 'link' || door === 'mirror') await ensure();
    return there ? 'skipped' : 'done';
  },
});
