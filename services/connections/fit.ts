/** Which kinds of fabric can stand beside each other in one mission, in words. */
import type { FieldlineConfig, SiteConfig } from '@/lib/config';
import { HQ_SITE_ID } from '@/lib/domain/naming';

export type FabricKind = SiteConfig['fabric']['kind'];
export const FABRIC_KINDS = ['embedded', 'kafka', 'datafabric'] as const satisfies readonly FabricKind[];

/** What stands against a kind for this site, as the other sites of the installation are now; null: nothing. */
export function kindTrouble(config: FieldlineConfig, site: SiteConfig, kind: FabricKind): string | null {
  const others = config.sites.filter(({ id }) => id !== site.id);
  const hq = others.find(({ role }) => role === 'hq')?.fabric.kind;
  const onKafka = others.find(({ role, fabric }) => role === 'edge' && fabric.kind === 'kafka');
  const otherSide = site.role === 'hq' ? others.find(({ role }) => role === 'edge')?.fabric.kind : hq;
  if (otherSide !== undefined && (kind === 'datafabric') !== (otherSide === 'datafabric'))
    return 'HQ and its edges are all on HPE Data Fabric, or none is: enter a connection for each of them, then put them to use together';
  if (site.role === 'edge' && kind === 'kafka' && hq === 'embedded')
    return `The link of a site on Kafka is MirrorMaker 2, which carries between two Kafka clusters, and ${HQ} is on none: move ${HQ} to Kafka first`;
  if (site.role === 'hq' && kind === 'embedded' && onKafka)
    return `${onKafka.id} is on Kafka, and its link, MirrorMaker 2, carries between two Kafka clusters: connect ${onKafka.id} with an embedded fabric in the same step or keep ${HQ} on Kafka`;
  return null;
}

const HQ = HQ_SITE_ID.toUpperCase();
