import type { EmbeddedFabricConfig, FieldlineConfig, SiteConfig } from '@/lib/config';
import { createAdminTroubles } from '@/lib/drivers/admin-rest/troubles';
import { createDagTables } from '@/lib/drivers/dag';
import { createFilesVolumes, type FilesVolumesOptions } from '@/lib/drivers/files';
import { createKafkaStreams } from '@/lib/drivers/kafka';
import { createAdminLinks, type UpstreamSecurity } from '@/lib/drivers/link-admin';
import { FieldlineError } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import { s3Settings, saslCredentials, tlsTrust } from './secrets';
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
    volumes: createFilesVolumes({ baseUrl, mission, site: id, ...mirrorSource(config, site) }),
    troubles: createAdminTroubles({ baseUrl }),
    links:
      site.role === 'edge'
        ? createAdminLinks({
            baseUrl,
            mission,
            site: id,
            upstream: upstreamOf(config, site),
            upstreamSecurity: upstreamSecurityOf(config, site),
            ...linkTopicsOf(id),
          })
        : null,
  };
}

/** HQ as the edge reaches it: as configured, or the HQ in the same process; several brokers with spaces between. */
function upstreamOf(config: FieldlineConfig, site: SiteConfig): string {
  const { upstream } = site;
  if (typeof upstream === 'string') return upstream;
  if (upstream)
    return 'address' in upstream
      ? upstream.address
      : ('kafka' in upstream ? upstream.kafka.split(',') : upstream.brokers).join(' ');
  const hq = config.sites.find((other) => other.role === 'hq');
  if (!hq) throw new FieldlineError('CONFIG_INVALID', `The edge ${site.id} has no upstream`);
  const { fabric } = hq;
  if (fabric.kind === 'kafka') return fabric.brokers.join(' ');
  if (fabric.kind === 'datafabric')
    throw new FieldlineError('CONFIG_INVALID', `The edge ${site.id} is embedded: it can not replicate with a cluster`);
  return hostPort(fabric.host, fabric.restPort);
}

/** TLS and credentials towards HQ: as configured for the edge, or as the HQ in the same process uses them itself. */
function upstreamSecurityOf(config: FieldlineConfig, site: SiteConfig): UpstreamSecurity | undefined {
  const hq = config.sites.find((other) => other.role === 'hq');
  const own = hq?.fabric.kind === 'kafka' ? hq.fabric : undefined;
  const { sasl, tls } =
    site.upstream === undefined ? (own ?? {}) : typeof site.upstream === 'string' ? {} : site.upstream;
  if (!sasl && !tls) return undefined;
  const serverName = tls && 'serverName' in tls ? tls.serverName : undefined;
  return {
    ...(tls && { tls: { ...tlsTrust(config, tls), ...(serverName !== undefined && { serverName }) } }),
    ...(sasl && { sasl: saslCredentials(config, sasl) }),
  };
}

/** Where HQ keeps its volumes, when that is an object store: as configured for the edge, or as the HQ in the same process has it. */
function mirrorSource(config: FieldlineConfig, site: SiteConfig): Pick<FilesVolumesOptions, 'source'> {
  if (site.role !== 'edge') return {};
  const { upstream } = site;
  const hq = config.sites.find((other) => other.role === 'hq');
  const configured = typeof upstream === 'object' && 's3' in upstream ? upstream.s3 : null;
  const s3 = configured ?? (!upstream && hq?.fabric.kind === 'kafka' ? hq.fabric.s3 : null);
  return s3 ? { source: { kind: 's3', ...s3Settings(config, s3) } } : {};
}
