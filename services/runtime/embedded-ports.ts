import { systemClock } from '@/lib/clock/clock';
import {
  type EmbeddedFabricConfig,
  type FieldlineConfig,
  reachedHost,
  type SaslConfig,
  type SiteConfig,
  type TlsConfig,
} from '@/lib/config';
import { createAdminTroubles } from '@/lib/drivers/admin-rest/troubles';
import { createDagTables } from '@/lib/drivers/dag';
import { createEdgeAccess } from '@/lib/drivers/edge-access';
import { createFabricFigures } from '@/lib/drivers/fabric-figures';
import { createFilesVolumes, type FilesVolumesOptions } from '@/lib/drivers/files';
import { createKafkaStreams, type KafkaStreamsOptions } from '@/lib/drivers/kafka';
import { createAdminLinks, type UpstreamSecurity } from '@/lib/drivers/link-admin';
import { createUnenrolledLinks } from '@/lib/drivers/unenrolled';
import { FieldlineError } from '@/lib/errors';
import { addressText } from '@/lib/net/address';
import type { Links, SitePorts } from '@/lib/ports';
import { doorsOf, neighbourCredentials } from './embedded-doors';
import { s3Settings, saslCredentials, tlsTrust } from './secrets';
import { linkTopicsOf } from './site-topics';

interface UpstreamSecurityConfig {
  sasl?: SaslConfig | undefined;
  tls?: (TlsConfig & { serverName?: string | undefined }) | undefined;
}

export interface EmbeddedRest {
  baseUrl: string;
  auth?: { kind: 'basic'; username: string; password: string };
  ca?: string;
  serverName?: string;
}

/** Fails as `doorsOf` does. */
export function embeddedKafkaOptions(
  config: FieldlineConfig,
  site: string,
  fabric: EmbeddedFabricConfig,
): KafkaStreamsOptions {
  const { host, own } = doorsOf(config, site, fabric);
  return {
    brokers: [addressText({ host, port: fabric.kafkaPort })],
    mission: config.mission,
    clientId: `fieldline-${site}`,
    ...(own && {
      sasl: { mechanism: 'scram-sha-256' as const, ...own.credentials },
      ssl: { ca: own.trust.ca, servername: own.trust.serverName },
    }),
  };
}

/** The REST door as a site's own services use it. Fails as `doorsOf` does. */
export function embeddedRest(config: FieldlineConfig, site: string, fabric: EmbeddedFabricConfig): EmbeddedRest {
  const { restUrl: baseUrl, own } = doorsOf(config, site, fabric);
  return { baseUrl, ...(own && { auth: { kind: 'basic', ...own.credentials }, ...own.trust }) };
}

/** The ports of a site on an embedded fabric. Nothing is connected yet. */
export function createEmbeddedPorts(
  config: FieldlineConfig,
  site: SiteConfig,
  fabric: EmbeddedFabricConfig,
): SitePorts {
  const { id } = site;
  const { mission } = config;
  const { baseUrl, ...rest } = embeddedRest(config, id, fabric);
  return {
    streams: createKafkaStreams(embeddedKafkaOptions(config, id, fabric)),
    tables: createDagTables({ baseUrl, mission, ...rest }),
    volumes: createFilesVolumes({ baseUrl, mission, site: id, ...rest, ...mirrorSource(config, site) }),
    figures: createFabricFigures({ baseUrl, ...rest }),
    troubles: createAdminTroubles({ baseUrl, ...rest }),
    links: site.role === 'edge' ? linksOf(config, site, baseUrl, rest) : null,
    ...(site.role === 'hq' && rest.auth && { edgeAccess: createEdgeAccess({ baseUrl, mission, ...rest }) }),
  };
}

function linksOf(
  config: FieldlineConfig,
  site: SiteConfig,
  baseUrl: string,
  rest: Omit<ReturnType<typeof embeddedRest>, 'baseUrl'>,
): Links {
  const upstream = upstreamOf(config, site);
  if (upstream === null) return createUnenrolledLinks(site.id, systemClock);
  const upstreamSecurity = upstreamSecurityOf(config, site);
  if (upstreamSecurity === 'none yet')
    return createUnenrolledLinks(site.id, systemClock, 'Restart Fieldline: a start lets the edges beside an HQ in');
  return createAdminLinks({
    baseUrl,
    mission: config.mission,
    site: site.id,
    ...rest,
    upstream,
    upstreamSecurity,
    ...linkTopicsOf(site.id),
  });
}

/**
 * HQ as the edge reaches it: as configured, or the HQ in the same process; several brokers with spaces between. Null: it waits to be
 * enrolled.
 */
function upstreamOf(config: FieldlineConfig, site: SiteConfig): string | null {
  const { upstream } = site;
  if (typeof upstream === 'string') return upstream;
  if (upstream)
    return 'address' in upstream
      ? upstream.address
      : ('kafka' in upstream ? upstream.kafka.split(',') : upstream.brokers).join(' ');
  const hq = config.sites.find((other) => other.role === 'hq');
  if (!hq) return null;
  const { fabric } = hq;
  if (fabric.kind === 'kafka') return fabric.brokers.join(' ');
  if (fabric.kind === 'datafabric')
    throw new FieldlineError('CONFIG_INVALID', `The edge ${site.id} is embedded: it can not replicate with a cluster`);
  return addressText({ host: reachedHost(fabric), port: fabric.restPort });
}

/**
 * TLS and credentials towards HQ: as configured for the edge, or those that a start made for it beside an HQ in the same process (`none yet`: it has not).
 * At an HQ on Kafka in the same process, as that one uses them itself: who may do what there is the cluster's to say.
 */
function upstreamSecurityOf(config: FieldlineConfig, site: SiteConfig): UpstreamSecurity | undefined | 'none yet' {
  const { upstream } = site;
  const hq = config.sites.find((other) => other.role === 'hq');
  if (upstream === undefined && hq?.fabric.kind === 'embedded') {
    const { own } = doorsOf(config, hq.id, hq.fabric);
    if (!own) return undefined;
    const credentials = neighbourCredentials(config, hq.id, site.id);
    return credentials ? { tls: own.trust, sasl: { mechanism: 'scram-sha-512', ...credentials } } : 'none yet';
  }
  const nearby: UpstreamSecurityConfig = hq?.fabric.kind === 'kafka' ? hq.fabric : {};
  const { sasl, tls }: UpstreamSecurityConfig =
    upstream === undefined ? nearby : typeof upstream === 'string' ? {} : upstream;
  if (!sasl && !tls) return undefined;
  return {
    ...(tls && { tls: { ...tlsTrust(config, tls), ...(tls.serverName && { serverName: tls.serverName }) } }),
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
