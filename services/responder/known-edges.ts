import { edgeOfTopic, SITE_ID_PATTERN, VOLUMES } from '@/lib/domain/naming';
import type { ServiceContext } from '../contract';

/**
 * Makes the outbound volume of every edge that is configured here or whose topics the link has brought, so that its mirror has a source
 * before it asks for anything. `done` remembers those that have one.
 */
export async function ensureOutboundVolumes({ ports, config, log }: ServiceContext, done: Set<string>): Promise<void> {
  const topics = await ports.streams.topics('replicated');
  const edges = new Set([
    ...config.sites.filter((site) => site.role === 'edge').map((site) => site.id),
    ...topics.map(({ ref }) => edgeOfTopic(ref.topic)).filter((edge) => edge !== null && SITE_ID_PATTERN.test(edge)),
  ] as string[]);
  for (const edge of edges) {
    if (done.has(edge)) continue;
    await ports.volumes.ensureVolume(VOLUMES.outbound(edge));
    done.add(edge);
    log.info('An edge has its outbound volume', { edge });
  }
}
