import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, type ITopicMetadata, Partitioners, type Producer } from 'kafkajs';
import { FieldlineError } from '@/lib/errors';
import type { GroupCommit, GroupLag, Streams, TopicInfo, TopicRef } from '@/lib/ports';
import { createKafkaClient, type KafkaClientOptions } from './client';
import { withCoordinator } from './coordinator';
import { isLeaderMoving, kafkaFailure } from './errors';
import { kafkaTopic, streamPrefix, topicRefOf } from './naming';
import { CARRIED_BATCH, LOCAL_BATCH, TopicProducer } from './producer';
import { seekGroup } from './seek';
import { KafkaSubscription } from './subscription';
import { readTail } from './tail';

const PARTITIONS_DEFAULT = 1;
/** New partitions and those of a broker that went away have no leader for a moment. */
const LEADER_TRIES_MAX = 6;
const LEADER_RETRY_MS = 200;
/** Several pages and services ask for the topics at the same time. */
const METADATA_AGE_MS_MAX = 500;

export interface KafkaStreamsOptions extends KafkaClientOptions {
  mission: string;
  /** Of topics that this driver creates; the broker's default when absent. */
  replicationFactor?: number;
}

/** The streams port on any Kafka broker: the embedded fabric's Kafka door, or Apache Kafka. */
export function createKafkaStreams(options: KafkaStreamsOptions): Streams {
  return new KafkaStreams(options);
}

class KafkaStreams implements Streams {
  readonly #options: KafkaStreamsOptions;
  readonly #kafka;
  readonly #producers = new Map<string, TopicProducer>();
  readonly #subscriptions = new Set<KafkaSubscription>();
  #producer: Promise<Producer> | null = null;
  #admin: Promise<Admin> | null = null;
  #metadata: { topics: Promise<ITopicMetadata[]>; askedAt: number } | null = null;
  #closed = false;

  constructor(options: KafkaStreamsOptions) {
    this.#options = options;
    this.#kafka = createKafkaClient(options);
  }

  async produce(ref: TopicRef, records: Parameters<Streams['produce']>[1]): Promise<void> {
    const topic = this.#name(ref);
    const producer = await this.#connectedProducer();
    let queue = this.#producers.get(topic);
    if (!queue) {
      queue = new TopicProducer(producer, topic, ref.stream === 'replicated' ? CARRIED_BATCH : LOCAL_BATCH);
      this.#producers.set(topic, queue);
    }
    await queue.send(records);
  }

  async subscribe(options: Parameters<Streams['subscribe']>[0]): Promise<KafkaSubscription> {
    this.#assertOpen();
    const subscription = await KafkaSubscription.start(
      {
        kafka: this.#kafka,
        mission: this.#options.mission,
        listTopics: async () => (await this.#allTopics()).map((topic) => topic.name),
      },
      options,
    );
    this.#subscriptions.add(subscription);
    const forget = () => this.#subscriptions.delete(subscription);
    subscription.done.then(forget, forget);
    return subscription;
  }

  async ensureTopic(ref: TopicRef, wanted: Parameters<Streams['ensureTopic']>[1] = {}): Promise<void> {
    const topic = this.#name(ref);
    const partitions = wanted.partitions ?? PARTITIONS_DEFAULT;
    await this.#ask(`Creating ${topic}`, async (admin) => {
      const existing = (await this.#allTopics(true)).find((other) => other.name === topic);
      if (existing) {
        if (existing.partitions.length < partitions && wanted.partitions !== undefined)
          await admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] });
        return;
      }
      const configEntries = [
        ...(wanted.retentionMs === undefined ? [] : [{ name: 'retention.ms', value: String(wanted.retentionMs) }]),
        ...(wanted.retentionBytes === undefined
          ? []
          : [{ name: 'retention.bytes', value: String(wanted.retentionBytes) }]),
      ];
      // False when somebody else was faster.
      await admin.createTopics({
        topics: [
          {
            topic,
            numPartitions: partitions,
            configEntries,
            ...(this.#options.replicationFactor && { replicationFactor: this.#options.replicationFactor }),
          },
        ],
      });
    });
    this.#metadata = null;
  }

  async topics(stream: Parameters<Streams['topics']>[0]): Promise<TopicInfo[]> {
    const prefix = streamPrefix(this.#options.mission, stream);
    const all = await this.#ask('Listing topics', () => this.#allTopics());
    return all.flatMap((topic) => {
      const ref = topicRefOf(this.#options.mission, topic.name);
      return ref && topic.name.startsWith(prefix) ? [{ ref, partitions: topic.partitions.length }] : [];
    });
  }

  async tail(ref: TopicRef, limit: number): Promise<Awaited<ReturnType<Streams['tail']>>> {
    const name = this.#name(ref);
    return this.#ask(`Reading the end of ${name}`, async (admin) => {
      const [existing] = await this.#existing([ref]);
      return existing ? readTail(this.#kafka, admin, { mission: this.#options.mission, name, ref }, limit) : [];
    });
  }

  async lag(group: string, refs: readonly TopicRef[]): Promise<GroupLag[]> {
    return this.#ask(`The lag of ${group}`, async (admin) => {
      const existing = await this.#existing(refs);
      const committed = await this.#committed(admin, group, existing);
      return Promise.all(
        refs.map(async (ref) => {
          const topic = this.#name(ref);
          if (!existing.includes(topic)) return { ref, records: 0 };
          let records = 0;
          for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
            const done = committed.find((entry) => entry.topic === topic && entry.partition === partition);
            records += Math.max(0, Number(high) - Math.max(Number(low), Number(done?.offset ?? 0)));
          }
          return { ref, records };
        }),
      );
    });
  }

  async commits(group: string, refs: readonly TopicRef[]): Promise<GroupCommit[]> {
    return this.#ask(`The commits of ${group}`, async (admin) => {
      const committed = await this.#committed(admin, group, await this.#existing(refs));
      return committed.flatMap(({ topic, ...commit }) => {
        const ref = topicRefOf(this.#options.mission, topic);
        return ref ? [{ ref, ...commit }] : [];
      });
    });
  }

  async seek(...[group, positions]: Parameters<Streams['seek']>): Promise<void> {
    if (positions.length === 0) return;
    const offsets = positions.map(({ ref, partition, offset }) => ({ topic: this.#name(ref), partition, offset }));
    await withCoordinator(`Setting the offsets of ${group}`, async () =>
      seekGroup(this.#kafka, await this.#connectedAdmin(), group, offsets),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    const clients = await Promise.allSettled([this.#producer, this.#admin]);
    for (const client of clients) if (client.status === 'fulfilled') await client.value?.disconnect();
  }

  #name(ref: TopicRef): string {
    return kafkaTopic(this.#options.mission, ref);
  }

  #assertOpen(): void {
    if (this.#closed) throw new FieldlineError('ABORTED', 'The streams were closed');
  }

  async #existing(refs: readonly TopicRef[]): Promise<string[]> {
    const all = new Set((await this.#allTopics()).map((topic) => topic.name));
    return refs.map((ref) => this.#name(ref)).filter((name) => all.has(name));
  }

  async #committed(
    admin: Admin,
    group: string,
    topics: string[],
  ): Promise<{ topic: string; partition: number; offset: string; metadata: string }[]> {
    if (topics.length === 0) return [];
    const answer = await admin.fetchOffsets({ groupId: group, topics });
    return answer.flatMap(({ topic, partitions }) =>
      partitions
        .filter((entry) => Number(entry.offset) >= 0)
        .map((entry) => ({
          topic,
          partition: entry.partition,
          offset: entry.offset,
          metadata: entry.metadata ?? '',
        })),
    );
  }

  async #allTopics(fresh = false): Promise<ITopicMetadata[]> {
    const now = Date.now();
    if (this.#metadata && !fresh && now - this.#metadata.askedAt < METADATA_AGE_MS_MAX) return this.#metadata.topics;
    const topics = this.#connectedAdmin().then(async (admin) => (await admin.fetchTopicMetadata()).topics);
    const entry = { topics, askedAt: now };
    this.#metadata = entry;
    topics.catch(() => {
      if (this.#metadata === entry) this.#metadata = null;
    });
    return topics;
  }

  async #ask<T>(doing: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const asked = this.#admin;
      try {
        return await question(await this.#connectedAdmin());
      } catch (error) {
        if (!isLeaderMoving(error) || attempt === LEADER_TRIES_MAX) throw kafkaFailure(error, doing);
        // kafkajs's admin keeps to the leaders it knows for minutes: a new one asks who they are.
        if (this.#admin === asked) this.#dropAdmin();
        await sleep(LEADER_RETRY_MS * attempt);
      }
    }
  }

  #dropAdmin(): void {
    const admin = this.#admin;
    this.#admin = null;
    const ignore = () => undefined;
    admin?.then((connected) => connected.disconnect()).catch(ignore);
  }

  #connectedAdmin(): Promise<Admin> {
    this.#assertOpen();
    if (!this.#admin) {
      const admin = this.#kafka.admin();
      const connecting = admin.connect().then(() => admin);
      this.#admin = connecting;
      connecting.catch(() => {
        this.#admin = null;
      });
    }
    return this.#admin;
  }

  async #connectedProducer(): Promise<Producer> {
    this.#assertOpen();
    if (!this.#producer) {
      const producer = this.#kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      const connecting = producer.connect().then(() => producer);
      this.#producer = connecting;
      connecting.catch(() => {
        this.#producer = null;
      });
    }
    try {
      return await this.#producer;
    } catch (error) {
      throw kafkaFailure(error, 'Connecting to Kafka');
    }
  }
}
