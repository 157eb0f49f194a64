import {
  type FieldlineConfig,
  isKafkaUpstream,
  type KafkaClusterConfig,
  type KafkaFabricConfig,
  type KafkaUpstreamConfig,
  readSecret,
  type SiteConfig,
} from '@/lib/config';
import { type ConnectDoor, createConnectLinks, type KafkaCluster } from '@/lib/drivers/connect';
import { createKafkaStreams, type KafkaStreamsOptions } from '@/lib/drivers/kafka';
import { createPostgresHold, createPostgresTables, type PostgresTablesOptions } from '@/lib/drivers/postgres';
import { createS3Volumes } from '@/lib/drivers/s3';
import { FieldlineError } from '@/lib/errors';
import type { Links, SitePorts } from '@/lib/ports';
import { s3Settings, saslCredentials, tlsTrust } from './secrets';
import { linkTopicsOf } from './site-topics';

/** Fails with CONFIG_INVALID or SECRET_UNREADABLE, naming the file, when a secret can not be read. */
export function kafkaOptions(config: FieldlineConfig, site: string, fabric: KafkaFabricConfig): KafkaStreamsOptions {
  const { brokers, sasl, tls } = clusterOf(config, fabric);
  return {
    brokers,
    mission: config.mission,
    clientId: `fieldline-${site}`,
    replicationFactor: fabric.replicationFactor,
    ...(sasl && { sasl }),
    ...(tls && { ssl: tls }),
  };
}

/** Fails as `kafkaOptions` does. */
export function postgresOptions(config: FieldlineConfig, { postgres }: KafkaFabricConfig): PostgresTablesOptions {
  const { passwordFile, tls, ...database } = postgres;
  return {
    ...database,
    mission: config.mission,
    // Read at each connection: a password that was changed is picked up without a restart.
    password: async () => readSecret(config, passwordFile),
    ...(tls && { tls: tlsTrust(config, tls) }),
  };
}

/** The ports of a site on Apache Kafka, PostgreSQL and S3. Nothing is connected yet. Fails as `kafkaOptions` does. */
export function createKafkaPorts(config: FieldlineConfig, site: SiteConfig, fabric: KafkaFabricConfig): SitePorts {
  const isEdge = site.role === 'edge';
  const database = postgresOptions(config, fabric);
  return {
    streams: createKafkaStreams(kafkaOptions(config, site.id, fabric)),
    tables: createPostgresTables(database),
    volumes: createS3Volumes({
      ...s3Settings(config, fabric.s3),
      mission: config.mission,
      ...(isEdge && {
        mirrors: {
          sourceOf: () => s3Settings(config, upstreamOf(config, site).s3),
          tryHold: createPostgresHold(database),
        },
      }),
    }),
    // The edge owns the link.
    links: isEdge ? linksOf(config, site, fabric) : null,
  };
}

function linksOf(config: FieldlineConfig, site: SiteConfig, fabric: KafkaFabricConfig): Links {
  const { connect } = fabric;
  if (!connect) throw new FieldlineError('CONFIG_INVALID', `The edge ${site.id} has no fabric.connect`);
  const { secrets } = connect;
  return createConnectLinks({
    connect: connectDoor(config, connect),
    mission: config.mission,
    site: site.id,
    hq: clusterOf(config, upstreamOf(config, site)),
    edge: clusterOf(config, fabric),
    replicationFactor: fabric.replicationFactor,
    secrets,
    ...linkTopicsOf(site.id),
  });
}

/** Kafka Connect as the edge's app reaches it. Fails as `kafkaOptions` does. */
export function connectDoor(
  config: FieldlineConfig,
  { url, username, passwordFile, tls }: NonNullable<KafkaFabricConfig['connect']>,
): ConnectDoor {
  return {
    baseUrl: url,
    ...(tls && tlsTrust(config, tls)),
    ...(username !== undefined &&
      passwordFile !== undefined && {
        auth: { kind: 'basic', username, password: readSecret(config, passwordFile) },
      }),
  };
}

/** HQ as the edge reaches it: as configured, or the HQ in the same process. */
function upstreamOf(config: FieldlineConfig, site: SiteConfig): KafkaUpstreamConfig {
  if (isKafkaUpstream(site.upstream)) return site.upstream;
  const hq = config.sites.find((other) => other.role === 'hq');
  if (hq?.fabric.kind === 'kafka') return hq.fabric;
  throw new FieldlineError('CONFIG_INVALID', `The edge ${site.id} has no HQ on Kafka as its upstream`);
}

function clusterOf(config: FieldlineConfig, { brokers, sasl, tls }: KafkaClusterConfig): KafkaCluster {
  return {
    brokers,
    ...(sasl && { sasl: saslCredentials(config, sasl) }),
    ...(tls && { tls: tlsTrust(config, tls) }),
  };
}
