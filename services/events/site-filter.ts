import type { EventPayload } from '@/lib/api/schemas';
import type { HubEvent } from '../contract';

/** Whether an event concerns a site. A request concerns the edge that made it and, since HQ serves them all, HQ (`role: hq`). */
export function concernsSite(event: HubEvent, site: string, role: 'hq' | 'edge'): boolean {
  switch (event.name) {
    case 'snapshot':
      return true;
    case 'site':
      return (event.payload as EventPayload<'site'>).id === site;
    case 'request':
      return role === 'hq' || (event.payload as EventPayload<'request'>).edge === site;
    default:
      return (event.payload as EventPayload<'service' | 'asset' | 'link' | 'mirror' | 'log'>).site === site;
  }
}
