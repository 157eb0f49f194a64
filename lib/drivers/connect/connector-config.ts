/**
 * MirrorMaker 2's connectors of one edge (Apache Kafka documentation, "MirrorMaker Configs"; KIP-382, KIP-545).
 *
 * Two MirrorSourceConnectors, one a direction, with the names of topics unchanged. There can be no loop: a connector carries the topics
 * of its one writer by their full names, no topic is in both lists, and heartbeats are not carried. No heartbeat connector: the brokers
 * are asked directly how they are. No checkpoint connector and no offset syncs: consumer groups stay at their site, none fails over.
 */
import type { LinkDirectionName } from '@/lib/ports/links';
import { kafkaTopic } from '../kafka/naming';
import type { ConnectLinksOptions, KafkaCluster, WorkerSecrets } from './options';

const MIRROR = 'org.apache.kafka.connect.mirror';
export const CONNECTOR_CLASS = `${MIRROR}.MirrorSourceConnector`;
const BYTES = 'org.apache.kafka.connect.converters.ByteArrayConverter';
/** How soon a topic that comes to be is carried, in seconds: an edge's first, or HQ's when HQ is set up later. */
const REFRESH_SECONDS = 10;
/** For MirrorMaker: as the brokers have it. */
const BROKERS_DEFAULT = -1;
const LOGIN_MODULES = {
  plain: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'scram-sha-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'scram-sha-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
};

type SiteName = 'hq' | 'edge';
type Properties = Record<string, string>;

export const connectorName = (options: Pick<ConnectLinksOptions, 'mission' | 'site'>, direction: LinkDirectionName) =>
  `fieldline.${options.mission}.${options.site}.${direction}`;

/** The Kafka names of what a direction carries. */
export const carriedTopics = (options: ConnectLinksOptions, direction: LinkDirectionName): string[] =>
  options[direction].map((topic) => kafkaTopic(options.mission, { stream: 'replicated', topic }));

export function connectorConfig(options: ConnectLinksOptions, direction: LinkDirectionName): Properties {
  const { site, secrets, replicationFactor } = options;
  const [source, target]: SiteName[] = direction === 'inbound' ? ['hq', 'edge'] : ['edge', 'hq'];
  const clientOf = (name: SiteName) => clientProperties(options[name], name, secrets);
  // The worker's producer writes where the worker has its own topics, unless it is told otherwise; with exactly-once support it commits
  // its offsets in the same transactions, so those clients have to go there too.
  const workerClients = ['producer', 'consumer', 'admin'].map((client) =>
    prefixed(`${client}.override.`, clientOf(target!)),
  );
  const aliases = { hq: 'hq', edge: site };
  return {
    name: connectorName(options, direction),
    'connector.class': CONNECTOR_CLASS,
    'tasks.max': '1',
    'source.cluster.alias': aliases[source!],
    'target.cluster.alias': aliases[target!],
    ...prefixed('source.cluster.', clientOf(source!)),
    ...prefixed('target.cluster.', clientOf(target!)),
    ...Object.assign({}, ...workerClients),
    // A list of patterns: a dot would match anything.
    topics: carriedTopics(options, direction).map(escaped).join(','),
    'replication.policy.class': `${MIRROR}.IdentityReplicationPolicy`,
    'replication.factor': String((direction === 'inbound' && replicationFactor) || BROKERS_DEFAULT),
    'refresh.topics.interval.seconds': String(REFRESH_SECONDS),
    // How long each site keeps its records, and who may read them, is its own affair.
    'sync.topic.configs.enabled': 'false',
    'sync.topic.acls.enabled': 'false',
    'heartbeats.replication.enabled': 'false',
    'emit.offset-syncs.enabled': 'false',
    // What Connect demands of a connector that shall carry each record once, where the workers have that switched on.
    'source.consumer.isolation.level': 'read_committed',
    'key.converter': BYTES,
    'value.converter': BYTES,
    'header.converter': BYTES,
  };
}

function clientProperties({ brokers, sasl, tls }: KafkaCluster, name: SiteName, secrets?: WorkerSecrets): Properties {
  const properties: Properties = {
    'bootstrap.servers': brokers.join(','),
    'security.protocol': `${sasl ? 'SASL_' : ''}${tls ? 'SSL' : 'PLAINTEXT'}`,
  };
  if (tls?.ca !== undefined) {
    properties['ssl.truststore.type'] = 'PEM';
    properties['ssl.truststore.certificates'] = tls.ca;
  }
  if (sasl) {
    const password = secrets ? `\${${secrets.provider}:${secrets.path}:${name}.password}` : quoted(sasl.password);
    properties['sasl.mechanism'] = sasl.mechanism.toUpperCase();
    properties['sasl.jaas.config'] =
      `${LOGIN_MODULES[sasl.mechanism]} required username="${quoted(sasl.username)}" password="${password}";`;
  }
  return properties;
}

const prefixed = (prefix: string, properties: Properties): Properties =>
  Object.fromEntries(Object.entries(properties).map(([key, value]) => [prefix + key, value]));
const escaped = (topic: string) => topic.replaceAll('.', '\\.');
/** Within the quotes of a JAAS option (javax.security.auth.login.Configuration). */
const quoted = (text: string) => text.replace(/["\\]/g, '\\$&');
