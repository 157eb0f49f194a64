import { type DataFabricConfig, type FieldlineConfig, readSecret, type SiteConfig } from '@/lib/config';
import { HQ_SITE_ID } from '@/lib/domain/naming';
import { createDagTables } from '@/lib/drivers/dag';
import { createFilesVolumes } from '@/lib/drivers/files';
import { createKafkaRestStreams } from '@/lib/drivers/kafka-rest';
import { createAdminLinks } from '@/lib/drivers/link-admin';
import { FieldlineError } from '@/lib/errors';
import { addressText } from '@/lib/net/address';
import type { SitePorts, Volumes } from '@/lib/ports';
import { linkTopicsOf } from './site-topics';

/** One of a cluster's doors by its port. Fails with CONFIG_INVALID or SECRET_UNREADABLE, naming the file, when a secret can not be read. */
export function clusterDoor(config: FieldlineConfig, fabric: DataFabricConfig, port: number) {
  const { host, tls, username, passwordFile, caFile } = fabric;
  return {
    baseUrl: `${tls ? 'https' : 'http'}://${addressText({ host, port })}`,
    auth: { kind: 'basic', username, password: readSecret(config, passwordFile) } as const,
    ca: caFile === undefined ? undefined : readSecret(config, caFile),
  };
}

/**
 * The ports of a site on an HPE Data Fabric cluster. Nothing is connected yet. Fails with CONFIG_INVALID, naming the file, when a secret
 * can not be read.
 */
export function createDataFabricPorts(config: FieldlineConfig, site: SiteConfig, fabric: DataFabricConfig): SitePorts {
  const { mission } = config;
  const door = (port: number) => clusterDoor(config, fabric, port);
  const admin = { ...door(fabric.adminPort), mission, site: fabric.cluster };
  const volumes = createFilesVolumes(admin);
  const common = {
    streams: createKafkaRestStreams({
      ...door(fabric.streamsPort),
      adminUrl: admin.baseUrl,
      mission,
      clientId: `fieldline-${site.id}`,
    }),
    tables: createDagTables({ ...door(fabric.tablesPort), mission }),
  };
  if (site.role === 'hq') return { ...common, volumes, links: null };
  const { upstream } = fabric;
  if (!upstream) throw new FieldlineError('CONFIG_INVALID', `The edge ${site.id} has no fabric.upstream`);
  return {
    ...common,
    volumes: mirroringFrom(upstream.cluster, volumes),
    links: createAdminLinks({
      ...admin,
      hqSite: upstream.cluster,
      upstream: upstream.gateways.join(' '),
      ...linkTopicsOf(site.id),
    }),
  };
}

/** Mirrors of HQ's volumes, where HQ's cluster is not called `hq`. */
function mirroringFrom(hqCluster: string, volumes: Volumes): Volumes {
  const ensureMirror = volumes.ensureMirror.bind(volumes);
  return Object.assign(volumes, {
    ensureMirror: (volume: string, source: { volume: string; site: string }) =>
      ensureMirror(volume, { ...source, site: source.site === HQ_SITE_ID ? hqCluster : source.site }),
  });
}
