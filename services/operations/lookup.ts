import { FieldlineError } from '@/lib/errors';
import type { Links } from '@/lib/ports';
import type { Runtime, SiteRuntime } from '../contract';

/** A site that this process hosts. Fails with NOT_FOUND. */
export function siteOf(runtime: Runtime, id: string): SiteRuntime {
  const site = runtime.sites.get(id);
  if (!site)
    throw new FieldlineError('NOT_FOUND', `There is no site "${id}" here`, {
      remedy: `This server hosts ${[...runtime.sites.keys()].join(', ')}; another site is asked at its own server`,
    });
  return site;
}

/** Fails with UNAVAILABLE while the site is moved to another fabric: what is written meanwhile would stay behind. */
export function assertNotMoving(runtime: Runtime, site: string): void {
  if (runtime.jobs.isMoving(site))
    throw new FieldlineError('UNAVAILABLE', `${site} is being moved to another fabric`, {
      remedy: 'Ask again when that is over',
    });
}

/** An edge that this process hosts, with its link. Fails with NOT_FOUND for HQ too: it has no link, mirror or requests of its own. */
export function edgeOf(runtime: Runtime, id: string): { edge: SiteRuntime; links: Links } {
  const edge = siteOf(runtime, id);
  if (edge.role !== 'edge' || edge.ports.links === null)
    throw new FieldlineError('NOT_FOUND', `"${id}" is not an edge`, {
      remedy: 'Only an edge has a link, a mirror and requests to make',
    });
  return { edge, links: edge.ports.links };
}

/** HQ, where this process hosts it. Fails with NOT_FOUND. */
export function hqOf(runtime: Runtime, id: string): SiteRuntime {
  const site = siteOf(runtime, id);
  if (site.role !== 'hq') throw new FieldlineError('NOT_FOUND', `"${id}" is not HQ`);
  return site;
}
