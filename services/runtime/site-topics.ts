import { RECEIPT_TOPIC_PREFIX, REQUEST_TOPIC_PREFIX, TOPICS } from '@/lib/domain/naming';
import { type SiteRole, servicesOf } from '@/lib/domain/services';
import type { TopicRef } from '@/lib/ports';

/** Dead letters are for people; who has not looked for a month will not. */
const DEAD_LETTER_RETENTION_MS = 30 * 24 * 3600_000;

/** What the link of an edge carries: HQ's topics in, the edge's own out. */
export const linkTopicsOf = (edge: string) => ({
  inbound: [TOPICS.assetBroadcast.topic, TOPICS.assetResponse.topic],
  outbound: [`${REQUEST_TOPIC_PREFIX}${edge}`, `${RECEIPT_TOPIC_PREFIX}${edge}`],
});

/** The topics that a site itself writes. Those that the link brings are made by the link, as replicas. */
export function topicsOf(site: { id: string; role: SiteRole }): { ref: TopicRef; retentionMs?: number }[] {
  const own =
    site.role === 'hq'
      ? [TOPICS.assetFeed, TOPICS.assetDownloaded, TOPICS.assetBroadcast, TOPICS.assetResponse]
      : [TOPICS.request(site.id), TOPICS.receipt(site.id)];
  return [
    ...own.map((ref) => ({ ref })),
    { ref: TOPICS.deadLetter, retentionMs: DEAD_LETTER_RETENTION_MS },
    ...servicesOf(site.role).map((service) => ({ ref: TOPICS.retry(service) })),
  ];
}
