import type { Link, LinkUpdate } from '@/lib/api/schemas';
import { FieldlineError } from '@/lib/errors';
import type { Runtime } from '../contract';
import { toLink } from '../views';
import { edgeOf } from './lookup';

/** The link of an edge with HQ. Fails with NOT_FOUND, UNAVAILABLE. */
export async function getLink(runtime: Runtime, siteId: string): Promise<Link> {
  return toLink(await edgeOf(runtime, siteId).links.status());
}

/**
 * Pauses or resumes one direction or both, and sets the conditions of the line. Survives restarts. `anew`: brings HQ's topics anew; the listener is
 * stopped meanwhile, since what it has read and what it would read are two different logs.
 * Fails with NOT_FOUND, UNAVAILABLE; with CONFLICT when what is to be brought anew has not failed; with FORBIDDEN when conditions are given outside a demonstration: they would harm a real line.
 */
export async function updateLink(runtime: Runtime, siteId: string, update: LinkUpdate): Promise<Link> {
  const { edge, links } = edgeOf(runtime, siteId);
  if (update.conditions && !runtime.config.demo)
    throw new FieldlineError('FORBIDDEN', 'The conditions of the line can be set in a demonstration only', {
      remedy: 'Start with `demo: true`',
    });
  if (update.conditions) await links.setConditions(update.conditions);
  if (update.anew) await edge.supervisor.whileStopped('listener', () => links.bringAnew());
  const directions = update.direction ? [update.direction] : (['inbound', 'outbound'] as const);
  for (const direction of update.mode ? directions : []) {
    if (update.mode === 'paused') await links.pause(direction);
    else await links.resume(direction);
  }
  if (update.mode === 'up') edge.supervisor.wake('requester', 'link resumed');
  const link = await getLink(runtime, siteId);
  runtime.events.publish('link', { site: siteId, link });
  return link;
}
