import { APIS, type ApiName, KAFKA_ERROR, kafkaErrorName } from '@/fabric/kafka/codec';
import { systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import type { LinkSecurity } from '../security';
import type { Dialer } from '../types';
import { reachable } from './address';
import { authenticate } from './authenticate';
import { type Endpoint, KafkaConnection } from './connection';
import type { TakeBuffer } from './frames';

/** The versions this client speaks: the highest that are not flexible, all within what Apache Kafka 4 still serves. */
export const VERSION = {
  Produce: 7,
  Fetch: 11,
  ListOffsets: 5,
  Metadata: 8,
  OffsetCommit: 7,
  FindCoordinator: 2,
  ApiVersions: 2,
  CreateTopics: 4,
  CreatePartitions: 1,
  InitProducerId: 1,
  DescribeConfigs: 2,
} as const satisfies Partial<Record<ApiName, number>>;

export const LATEST = -1;
export const EARLIEST = -2;
/** CreateTopics: the broker's own default (KIP-464). */
const DEFAULT_REPLICATION = -1;
const ADMIN_TIMEOUT_MS = 30_000;
/** Together with the silence that is allowed, a dead line is known within half a minute. */
const PULSE_INTERVAL_MS = 10_000;

export interface PartitionPlace {
  topic: string;
  partition: number;
}
export interface RemoteTopic {
  name: string;
  /** Node id of each partition's leader, by partition index. */
  leaders: number[];
}
export interface RemoteOffset extends PartitionPlace {
  /** -1: nothing at or after the time asked for. */
  offset: number;
  /** Of the record found by time; -1 otherwise. */
  timestamp: number;
}

export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export const placeKey = (place: PartitionPlace) => `${place.topic}/${place.partition}`;

/** A Kafka error code as an error of the family. Every one of them is worth another look at the cluster. */
export function kafkaError(code: number, doing: string): FieldlineError {
  return new FieldlineError('UNAVAILABLE', `HQ answered ${kafkaErrorName(code)} to ${doing}`, {
    details: { kafkaError: code },
  });
}

export interface ClusterOptions {
  clientId: string;
  signal: AbortSignal;
  security?: LinkSecurity | undefined;
}

/** HQ's Kafka, as a client that replicates sees it: topics, leaders, offsets, and a connection to each broker and purpose. */
export class KafkaCluster {
  readonly #dialer: Dialer;
  readonly #bootstrap: Endpoint;
  readonly #options: ClusterOptions;
  readonly #connections = new Map<string, Promise<KafkaConnection>>();
  #brokers = new Map<number, Endpoint>();
  #coordinator: Endpoint | null = null;

  constructor(dialer: Dialer, bootstrap: Endpoint, options: ClusterOptions) {
    this.#dialer = dialer;
    this.#bootstrap = bootstrap;
    this.#options = options;
  }

  /** The connection for questions that wait for nothing. */
  control(): Promise<KafkaConnection> {
    return this.#connection(this.#bootstrap);
  }

  /** Rejects when HQ does not answer any more. Asks now and then, since a dead line is silent. */
  async pulse(signal: AbortSignal): Promise<void> {
    for (;;) {
      const control = await this.control();
      await Promise.race([systemClock.sleep(PULSE_INTERVAL_MS, signal), control.lost]);
      await this.identity();
    }
  }

  /** A connection of its own to a broker, closed by the signal: a long poll or a large batch on it holds up nobody else. Its answers lie in buffers of `takeBuffer`. */
  async openLane(nodeId: number, signal: AbortSignal, takeBuffer?: TakeBuffer): Promise<KafkaConnection> {
    return this.#open(this.#endpoint(nodeId), signal, takeBuffer);
  }

  /** Topics by name, or all (null). Topics that do not exist are left out. */
  async topics(names: readonly string[] | null): Promise<Map<string, RemoteTopic>> {
    const control = await this.control();
    const response = await control.request('Metadata', VERSION.Metadata, {
      topics: names === null ? null : names.map((name) => ({ name })),
      allowAutoTopicCreation: false,
    });
    this.#brokers = new Map(
      response.brokers.map((broker) => [
        broker.nodeId,
        reachable({ host: broker.host, port: broker.port }, this.#bootstrap.host),
      ]),
    );
    const found = new Map<string, RemoteTopic>();
    for (const topic of response.topics) {
      if (topic.errorCode === KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION) continue;
      if (topic.errorCode !== KAFKA_ERROR.NONE) throw kafkaError(topic.errorCode, `a question about ${topic.name}`);
      const leaders: number[] = [];
      for (const partition of topic.partitions) leaders[partition.index] = partition.leaderId;
      found.set(topic.name, { name: topic.name, leaders });
    }
    return found;
  }

  /** Any broker's id and the cluster's id. */
  async identity(): Promise<{ nodeId: number; clusterId: string | null }> {
    const control = await this.control();
    const response = await control.request('Metadata', VERSION.Metadata, { topics: [], allowAutoTopicCreation: false });
    const [broker] = response.brokers;
    if (!broker) throw new FieldlineError('UNAVAILABLE', 'HQ names no broker');
    return { nodeId: broker.nodeId, clusterId: response.clusterId };
  }

  /** Offsets by time: LATEST, EARLIEST or milliseconds since the epoch for each place. Needs `topics` to have been asked before. */
  async offsets(
    topics: ReadonlyMap<string, RemoteTopic>,
    asked: readonly (PartitionPlace & { timestamp: number })[],
  ): Promise<RemoteOffset[]> {
    const byLeader = groupBy(asked, (place) => topics.get(place.topic)?.leaders[place.partition] ?? -1);
    const found: RemoteOffset[] = [];
    for (const [leader, places] of byLeader) {
      const connection = await this.#connection(this.#endpoint(leader));
      const response = await connection.request('ListOffsets', VERSION.ListOffsets, {
        replicaId: -1,
        topics: [...groupBy(places, (place) => place.topic)].map(([name, group]) => ({
          name,
          partitions: group.map(({ partition, timestamp }) => ({ index: partition, timestamp })),
        })),
      });
      for (const topic of response.topics)
        for (const partition of topic.partitions) {
          if (partition.errorCode !== KAFKA_ERROR.NONE)
            throw kafkaError(partition.errorCode, `a question about the offsets of ${topic.name}`);
          found.push({
            topic: topic.name,
            partition: partition.index,
            offset: partition.offset,
            timestamp: partition.timestamp,
          });
        }
    }
    return found;
  }

  /** Creates a topic; one that exists is left as it is. */
  async createTopic(name: string, partitions: number): Promise<void> {
    const control = await this.control();
    const response = await control.request('CreateTopics', VERSION.CreateTopics, {
      topics: [
        { name, partitionCount: partitions, replicationFactor: DEFAULT_REPLICATION, assignments: [], configs: [] },
      ],
      timeoutMs: ADMIN_TIMEOUT_MS,
    });
    const code = response.topics[0]?.errorCode ?? KAFKA_ERROR.UNKNOWN_SERVER_ERROR;
    if (code !== KAFKA_ERROR.NONE && code !== KAFKA_ERROR.TOPIC_ALREADY_EXISTS)
      throw kafkaError(code, `the creation of ${name}`);
  }

  async growTopic(name: string, partitions: number): Promise<void> {
    const control = await this.control();
    const response = await control.request('CreatePartitions', VERSION.CreatePartitions, {
      topics: [{ name, count: partitions, assignments: null }],
      timeoutMs: ADMIN_TIMEOUT_MS,
      validateOnly: false,
    });
    const code = response.results[0]?.errorCode ?? KAFKA_ERROR.UNKNOWN_SERVER_ERROR;
    // INVALID_PARTITIONS: somebody else was faster.
    if (code !== KAFKA_ERROR.NONE && code !== KAFKA_ERROR.INVALID_PARTITIONS)
      throw kafkaError(code, `more partitions for ${name}`);
  }

  async initProducerId(): Promise<{ producerId: number; producerEpoch: number }> {
    const control = await this.control();
    const response = await control.request('InitProducerId', VERSION.InitProducerId, {
      transactionalId: null,
      transactionTimeoutMs: ADMIN_TIMEOUT_MS,
    });
    if (response.errorCode !== KAFKA_ERROR.NONE) throw kafkaError(response.errorCode, 'the request for a producer id');
    return { producerId: response.producerId, producerEpoch: response.producerEpoch };
  }

  /** Commits offsets of a group outside any membership. */
  async commit(
    group: string,
    offsets: readonly (PartitionPlace & { offset: number; metadata: string })[],
  ): Promise<void> {
    this.#coordinator ??= await this.#findCoordinator(group);
    const connection = await this.#connection(this.#coordinator);
    const response = await connection.request('OffsetCommit', VERSION.OffsetCommit, {
      groupId: group,
      topics: [...groupBy(offsets, (entry) => entry.topic)].map(([name, entries]) => ({
        name,
        partitions: entries.map((entry) => ({
          index: entry.partition,
          committedOffset: entry.offset,
          committedMetadata: entry.metadata,
        })),
      })),
    });
    const failed = response.topics.flatMap((topic) => topic.partitions).find((partition) => partition.errorCode !== 0);
    if (!failed) return;
    this.#coordinator = null;
    throw kafkaError(failed.errorCode, 'the report of this link');
  }

  async #findCoordinator(group: string): Promise<Endpoint> {
    const control = await this.control();
    const found = await control.request('FindCoordinator', VERSION.FindCoordinator, { key: group });
    if (found.errorCode !== KAFKA_ERROR.NONE) throw kafkaError(found.errorCode, 'the question for a group coordinator');
    return reachable({ host: found.host, port: found.port }, this.#bootstrap.host);
  }

  close(): void {
    for (const opening of this.#connections.values())
      opening.then(
        (connection) => connection.close(),
        // It never opened; whoever asked for it was told.
        () => undefined,
      );
    this.#connections.clear();
  }

  #endpoint(nodeId: number): Endpoint {
    if (nodeId < 0)
      throw new FieldlineError('UNAVAILABLE', 'A topic has no leader at HQ now: one of its brokers is away');
    const endpoint = this.#brokers.get(nodeId);
    if (!endpoint) throw new FieldlineError('UNAVAILABLE', `HQ names no address of its broker ${nodeId}`);
    return endpoint;
  }

  #connection(endpoint: Endpoint): Promise<KafkaConnection> {
    const key = `${endpoint.host}:${endpoint.port}`;
    const known = this.#connections.get(key);
    if (known) return known;
    const opening = this.#open(endpoint, this.#options.signal);
    this.#connections.set(key, opening);
    opening.catch(() => this.#connections.delete(key));
    return opening;
  }

  async #open(endpoint: Endpoint, signal: AbortSignal, takeBuffer?: TakeBuffer): Promise<KafkaConnection> {
    const { clientId, security } = this.#options;
    const options = { clientId, signal, tls: security?.tls, takeBuffer };
    const connection = await KafkaConnection.open(this.#dialer, endpoint, options);
    const response = await connection.request('ApiVersions', VERSION.ApiVersions, {});
    for (const [name, version] of Object.entries(VERSION)) {
      const offered = response.apiKeys.find((entry) => entry.apiKey === APIS[name as ApiName].key);
      if (offered && offered.minVersion <= version && version <= offered.maxVersion) continue;
      connection.close();
      throw new FieldlineError('PROTOCOL', `HQ does not serve ${name} in version ${version}`, {
        remedy: 'Use the embedded fabric or Apache Kafka 2.4 or later at HQ',
      });
    }
    if (security?.sasl) await authenticate(connection, security.sasl);
    return connection;
  }
}
