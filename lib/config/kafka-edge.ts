/** What an edge on Apache Kafka needs, and what it can not be combined with. */
import type { SiteRole } from '@/lib/domain/services';
import type { EmbeddedFabricConfig, KafkaFabricConfig, KafkaUpstreamConfig, UpstreamConfig } from './fabrics';

interface Site {
  role: SiteRole;
  fabric: KafkaFabricConfig | EmbeddedFabricConfig | { kind: 'datafabric' };
  upstream?: UpstreamConfig;
}

/** True for an upstream by brokers and credentials, as an edge on Kafka needs it. */
export const isKafkaUpstream = (upstream: Site['upstream']): upstream is KafkaUpstreamConfig =>
  typeof upstream === 'object' && 'brokers' in upstream;

/** The setting that two sites share though each needs its own; null: none. */
function sharedBy(one: KafkaFabricConfig, other: KafkaFabricConfig): string | null {
  if (one.brokers.some((broker) => other.brokers.includes(broker))) return 'brokers';
  const databaseOf = ({ postgres: { host, port, database } }: KafkaFabricConfig) => `${host}:${port}/${database}`;
  if (databaseOf(one) === databaseOf(other)) return 'postgres';
  return one.s3.endpoint === other.s3.endpoint && one.s3.bucket === other.s3.bucket ? 's3' : null;
}

/** What is wrong with a site as far as Kafka between two sites goes, in words and with the setting that is wrong; null: nothing. */
export function kafkaEdgeTrouble(site: Site, others: readonly Site[]): { path: string[]; message: string } | null {
  const hq = others.find((other) => other.role === 'hq');
  const { role, fabric, upstream } = site;
  const isOnKafka = fabric.kind === 'kafka';
  if (role === 'hq')
    return isOnKafka && fabric.connect
      ? { path: ['fabric', 'connect'], message: 'the edges have the links: `connect` belongs to an edge' }
      : null;
  if (!isOnKafka)
    return isKafkaUpstream(upstream)
      ? { path: ['upstream'], message: 'of an embedded edge: {"kafka": "host:port,host:port", "s3": {...}}' }
      : null;
  if (!fabric.connect)
    return { path: ['fabric', 'connect'], message: 'an edge on Kafka needs Kafka Connect, which carries its topics' };
  if (hq && hq.fabric.kind !== 'kafka')
    return { path: ['fabric', 'kind'], message: 'MirrorMaker 2 carries between two Kafka clusters, and HQ is on none' };
  if (upstream !== undefined && !isKafkaUpstream(upstream))
    return {
      path: ['upstream'],
      message: 'of an edge on Kafka: {"brokers": [...], "s3": {...}}, with `sasl` and `tls`',
    };
  if (!upstream && !hq)
    return {
      path: ['upstream'],
      message: "an edge on Kafka without HQ in the same process needs HQ's brokers and bucket",
    };
  for (const other of others) {
    const shared = other.fabric.kind === 'kafka' && sharedBy(fabric, other.fabric);
    if (shared) return { path: ['fabric', shared], message: 'another site has the same: each needs its own' };
  }
  const { connect } = fabric;
  if ((connect.username === undefined) !== (connect.passwordFile === undefined))
    return { path: ['fabric', 'connect'], message: '`username` and `passwordFile` go together' };
  return null;
}
