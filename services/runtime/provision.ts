import { HQ_SITE_ID, TABLES, VOLUMES } from '@/lib/domain/naming';
import type { SiteRole } from '@/lib/domain/services';
import { errorMessage, FieldlineError } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import { topicsOf } from './site-topics';

/** Makes sure that a site's fabric has all that its services use. Idempotent; may stop halfway and be done again. Fails as the ports do. */
export async function provision(site: { id: string; role: SiteRole }, ports: SitePorts): Promise<void> {
  const tables = site.role === 'hq' ? Object.values(TABLES) : [TABLES.assets, TABLES.services, TABLES.deadLetters];
  await eachDoor({
    streams: topicsOf(site).map(({ ref, retentionMs }) =>
      ports.streams.ensureTopic(ref, { partitions: 1, retentionMs }),
    ),
    tables: tables.map((table) => ports.tables.ensureTable(table)),
    volumes: site.role === 'hq' ? [ports.volumes.ensureVolume(VOLUMES.assets)] : [],
  });
  if (site.role === 'hq') return;
  // After the edge's topics, so that the link finds them when it is declared.
  await ports.links?.ensureLink();
  await ports.volumes.ensureMirror(VOLUMES.inbound, { volume: VOLUMES.outbound(site.id), site: HQ_SITE_ID });
}

/** Waits for all. Fails with the first failure, or where several doors fail differently, with each door's first. */
async function eachDoor(work: Record<string, Promise<unknown>[]>): Promise<void> {
  const failures = new Map<string, unknown>();
  await Promise.all(
    Object.entries(work).map(async ([door, parts]) => {
      const failed = (await Promise.allSettled(parts)).find((part) => part.status === 'rejected');
      if (failed) failures.set(door, failed.reason);
    }),
  );
  if (failures.size === 0) return;
  const [first] = failures.values();
  if (new Set([...failures.values()].map(errorMessage)).size === 1) throw first;
  const words = [...failures]
    .sort()
    .map(([door, reason]) => `${door}: ${errorMessage(reason)}`)
    .join('; ');
  throw new FieldlineError('UNAVAILABLE', words, { cause: first });
}
