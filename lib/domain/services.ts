/** The services by site role, in the order of the flow. */
export const HQ_SERVICES = ['feed-ingest', 'downloader', 'broadcaster', 'responder'] as const;
export const EDGE_SERVICES = ['listener', 'requester', 'viewer'] as const;
export type HqServiceId = (typeof HQ_SERVICES)[number];
export type EdgeServiceId = (typeof EDGE_SERVICES)[number];
export type ServiceId = HqServiceId | EdgeServiceId;

export const SITE_ROLES = ['hq', 'edge'] as const;
export type SiteRole = (typeof SITE_ROLES)[number];

export const servicesOf = (role: SiteRole): readonly ServiceId[] => (role === 'hq' ? HQ_SERVICES : EDGE_SERVICES);

/** What an operator reads on the tile. */
export const SERVICE_TITLES: Record<ServiceId, { title: string; does: string }> = {
  'feed-ingest': { title: 'Feed ingest', does: 'Reads the feeds and announces new assets' },
  downloader: { title: 'Downloader', does: 'Fetches each file into the volume and makes previews' },
  broadcaster: { title: 'Broadcaster', does: 'Tells every edge what HQ has' },
  responder: { title: 'Responder', does: 'Stages what the edges ask for' },
  listener: { title: 'Listener', does: 'Keeps the table of what HQ has' },
  requester: { title: 'Requester', does: 'Sends requests until they are answered' },
  viewer: { title: 'Viewer', does: 'Checks what the mirror brought and opens it' },
};

/** Actual state of a service. What an operator sets is the desired state, `running` or `stopped`. */
export const SERVICE_STATES = ['stopped', 'starting', 'running', 'stopping', 'faulted'] as const;
export type ServiceState = (typeof SERVICE_STATES)[number];
export type DesiredState = 'running' | 'stopped';
