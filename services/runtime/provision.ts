import { HQ_SITE_ID, TABLES, VOLUMES } from '@/lib/domain/naming';
import type { SiteRole } from '@/lib/domain/services';
import type { SitePorts } from '@/lib/ports';
import { topicsOf } from './site-topics';

/** Makes sure that a site's fabric has all that its services use. Idempotent; may stop halfway and be done again. Fails as the ports do. */
export async function provision(site: { id: string; role: SiteRole }, ports: SitePorts): Promise<void> {
  const tables = site.role === 'hq' ? Object.values(TABLES) : [TABLES.assets, TABLES.services, TABLES.deadLetters];
  await Promise.all([
    ...tables.map((table) => ports.tables.ensureTable(table)),
    ...topicsOf(site).map(({ ref, retentionMs }) => ports.streams.ensureTopic(ref, { partitions: 1, retentionMs })),
  ]);
  if (site.role === 'hq') {
    await ports.volumes.ensureVolume(VOLUMES.assets);
    return;
  }
  // After the edge's topics, so that the link finds them when it is declared.
  await ports.links?.ensureLink();
  await ports.volumes.ensureMirror(VOLUMES.inbound, { volume: VOLUMES.outbound(site.id), site: HQ_SITE_ID });
}
