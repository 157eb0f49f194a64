import type { EmbeddedFabricConfig, FieldlineConfig, SiteConfig } from '@/lib/config';
import { createDagTables } from '@/lib/drivers/dag';
import { createFilesVolumes } from '@/lib/drivers/files';
import { createKafkaStreams } from '@/lib/drivers/kafka';
import { createAdminLinks } from '@/lib/drivers/link-admin';
import { FieldlineError } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import { linkTopicsOf } from './site-topics';

const hostPort = (host: string, port: number) => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The ports of a site on an embedded fabric. Nothing is connected yet. */
export function createEmbeddedPorts(
  config: FieldlineConfig,
  site: SiteConfig,
  fabric: EmbeddedFabricConfig,
): SitePorts {
  const { id } = site;
  const { mission } = config;
  const baseUrl = `http://${hostPort(fabric.host, fabric.restPort)}`;
  return {
    streams: createKafkaStreams({
      brokers: [hostPort(fabric.host, fabric.kafkaPort)],
      mission,
      clientId: `fieldline-${id}`,
    }),
    tables: createDagTables({ baseUrl, mission }),
    volumes: createFilesVolumes({ baseUrl, mission, site: id }),
    links:
      site.role === 'edge'
        ? createAdminLinks({ baseUrl, mission, site: id, upstream: upstreamOf(config, site), ...linkTopicsOf(id) })
        : null,
  };
}

/** HQ as the edge reaches it: as configured, or the HQ in the same process. */
function upstreamOf(config: FieldlineConfig, site: SiteConfig): string {
  if (site.upstream) return site.upstream;
  const hq = config.sites.find((other) => other.role === 'hq');
  if (!hq) throw new FieldlineError('CONFIG_INVALID', `The edge ${site.id} has no upstream`);
  const { fabric } = hq;
  if (fabric.kind === 'kafka') return fabric.brokers[0]!;
  return hostPort(fabric.host, fabric.restPort);
}
