import type { StreamName, TopicRef } from '@/lib/ports';

/** Site ids, feed ids: lower case, digits, dashes; they become part of topic, volume and table names. */
export const SITE_ID_PATTERN = /^[a-z][a-z0-9-]{0,30}$/;
export const HQ_SITE_ID = 'hq';
export const DEFAULT_EDGE_ID = 'alpha';
export const DEFAULT_MISSION = 'missionx';

const topic = (stream: StreamName, name: string): TopicRef => ({ stream, topic: name });

/** One writer per topic: HQ writes the first five; an edge writes only those that carry its own id. */
export const TOPICS = {
  assetFeed: topic('pipeline', 'ASSET_FEED'),
  assetDownloaded: topic('pipeline', 'ASSET_DOWNLOADED'),
  assetBroadcast: topic('replicated', 'ASSET_BROADCAST'),
  assetResponse: topic('replicated', 'ASSET_RESPONSE'),
  /** Messages that could not be processed, with the reason. */
  deadLetter: topic('pipeline', 'DEAD_LETTER'),
  /** Dead letters that an operator sends again to the service that refused them: the topic they came from may be a replica, or have other readers. */
  retry: (service: string) => topic('pipeline', `RETRY.${service}`),
  request: (edge: string) => topic('replicated', `${REQUEST_TOPIC_PREFIX}${edge}`),
  receipt: (edge: string) => topic('replicated', `${RECEIPT_TOPIC_PREFIX}${edge}`),
} as const;

export const REQUEST_TOPIC_PREFIX = 'ASSET_REQUEST.';
export const RECEIPT_TOPIC_PREFIX = 'ASSET_RECEIPT.';

/** The edge a request or receipt topic belongs to; null for other topics. */
export function edgeOfTopic(name: string): string | null {
  for (const prefix of [REQUEST_TOPIC_PREFIX, RECEIPT_TOPIC_PREFIX]) {
    if (name.startsWith(prefix)) return name.slice(prefix.length);
  }
  return null;
}

/** The consumer group under which an edge's link records at HQ what it has brought over (see docs/adr on link telemetry). */
export const linkGroup = (edge: string) => `fieldline-link.${edge}`;
/** The consumer group of a service. */
export const serviceGroup = (mission: string, site: string, service: string) => `${mission}.${site}.${service}`;

export const TABLES = {
  assets: 'assets',
  requests: 'requests',
  services: 'services',
  feeds: 'feeds',
  deadLetters: 'dead-letters',
} as const;

export const VOLUMES = {
  /** HQ: every downloaded file. */
  assets: 'assets',
  /** HQ: what one edge may mirror. */
  outbound: (edge: string) => `outbound-${edge}`,
  /** Edge: the mirror of its outbound volume. */
  inbound: 'inbound',
} as const;
