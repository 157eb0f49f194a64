/**
 * The streams port over the Kafka REST proxy v2 and the admin REST API of an HPE Data Fabric cluster: the way to reach its streams, which
 * are what replicates between clusters, without native libraries.
 */
import { randomUUID } from 'node:crypto';
import { FieldlineError } from '@/lib/errors';
import { type HttpAuth, HttpClient } from '@/lib/http';
import type { GroupCommit, GroupLag, StreamRecord, Streams, TopicRef } from '@/lib/ports';
import { StreamAdmin } from './admin';
import { KafkaRestClient, proxyTopic } from './client';
import { TopicProducer } from './producer';
import { RestSubscription } from './subscription';
import { readTail } from './tail';

export interface KafkaRestStreamsOptions {
  /** Of the Kafka REST proxy: `https://node:8082`. */
  baseUrl: string;
  /** Of the admin REST API: `https://node:8443`. The proxy's address when absent, as at an embedded fabric. */
  adminUrl?: string;
  mission: string;
  auth?: HttpAuth;
  /** PEM of the cluster's authority. */
  ca?: string | Buffer;
  /** Begins the names of consumer instances. One that stays the same lets a restarted process end what a crash left behind; random when absent. */
  clientId?: string;
}

/** Nothing is connected yet. See the port for what each call does; retention is the stream's here, 30 days, not a topic's. */
export function createKafkaRestStreams(options: KafkaRestStreamsOptions): Streams {
  return new KafkaRestStreams(options);
}

class KafkaRestStreams implements Streams {
  readonly #mission: string;
  readonly #client: KafkaRestClient;
  readonly #adminClient: HttpClient;
  readonly #admin: StreamAdmin;
  readonly #clientId: string;
  readonly #producers = new Map<string, TopicProducer>();
  readonly #subscriptions = new Set<RestSubscription>();
  /** Subscriptions made so far, by group. */
  readonly #instances = new Map<string, number>();
  #closed = false;

  constructor({ baseUrl, adminUrl = baseUrl, mission, auth, ca, clientId }: KafkaRestStreamsOptions) {
    this.#mission = mission;
    this.#client = new KafkaRestClient({ baseUrl, auth, ca });
    this.#adminClient = new HttpClient({ baseUrl: adminUrl, auth, ca });
    this.#admin = new StreamAdmin(this.#adminClient, mission);
    this.#clientId = clientId ?? `fieldline-${randomUUID()}`;
  }

  async produce(...[ref, records]: Parameters<Streams['produce']>): Promise<void> {
    this.#assertOpen();
    const topic = proxyTopic(this.#mission, ref);
    let producer = this.#producers.get(topic);
    if (!producer) {
      producer = new TopicProducer(this.#client, topic);
      this.#producers.set(topic, producer);
    }
    await producer.send(records);
  }

  async subscribe(options: Parameters<Streams['subscribe']>[0]): Promise<RestSubscription> {
    this.#assertOpen();
    const number = this.#freeNumber(options.group);
    const subscription = new RestSubscription(
      {
        client: this.#client,
        mission: this.#mission,
        instance: `${this.#clientId}-${number}`,
        topics: (stream) => this.#admin.topics(stream),
      },
      options,
    );
    this.#subscriptions.add(subscription);
    const forget = () => this.#subscriptions.delete(subscription);
    subscription.done.then(forget, forget);
    return subscription;
  }

  async ensureTopic(...[ref, wanted = {}]: Parameters<Streams['ensureTopic']>): Promise<void> {
    await this.#admin.ensureTopic(ref, wanted.partitions);
  }

  topics(stream: Parameters<Streams['topics']>[0]) {
    return this.#admin.topics(stream);
  }

  async tail(ref: TopicRef, limit: number): Promise<StreamRecord[]> {
    const partitions = await this.#partitions(ref);
    return limit === 0 ? [] : readTail(this.#client, this.#mission, ref, partitions, limit);
  }

  async lag(group: string, refs: readonly TopicRef[]): Promise<GroupLag[]> {
    return Promise.all(
      refs.map(async (ref) => {
        const [partitions, cursors] = await Promise.all([this.#partitions(ref), this.#admin.cursors(group, ref)]);
        let records = 0;
        for (let partition = 0; partition < partitions; partition++) {
          const cursor = cursors.find((other) => other.partition === partition);
          if (cursor) records += cursor.lag;
          else {
            const { low, high } = await this.#client.offsets({ topic: proxyTopic(this.#mission, ref), partition });
            records += high - low;
          }
        }
        return { ref, records };
      }),
    );
  }

  /** Without metadata, which no documented call of a cluster tells. */
  async commits(group: string, refs: readonly TopicRef[]): Promise<GroupCommit[]> {
    const rows = await Promise.all(
      refs.map(async (ref) =>
        (await this.#admin.cursors(group, ref)).map(({ partition, next }) => {
          return { ref, partition, offset: String(next), metadata: '' };
        }),
      ),
    );
    return rows.flat();
  }

  /** By an instance that has the partitions without being a member, which a group with members does not let commit. Not tried on a cluster. */
  async seek(...[group, positions]: Parameters<Streams['seek']>): Promise<void> {
    this.#assertOpen();
    if (positions.length === 0) return;
    const places = positions.map(({ ref, partition, offset }) => ({
      place: { topic: proxyTopic(this.#mission, ref), partition },
      offset: Number(offset),
    }));
    const consumer = await this.#client.createConsumer(group, `${this.#clientId}-seek`, 'earliest');
    try {
      await consumer.assign(places.map(({ place }) => place));
      for (const { place, offset } of places) await consumer.seek(place, offset);
      await consumer.commitPositions();
    } finally {
      // One that can not be told now is ended by the proxy when it has been idle.
      await consumer.remove().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    this.#client.close();
    this.#adminClient.close();
  }

  /** 0 for a topic that does not exist. */
  async #partitions(ref: TopicRef): Promise<number> {
    const infos = await this.#admin.topics(ref.stream);
    return infos.find((info) => info.ref.topic === ref.topic)?.partitions ?? 0;
  }

  /** Counts the subscriptions of a group in this process, so that each has an instance of its own. */
  #freeNumber(group: string): number {
    const number = (this.#instances.get(group) ?? 0) + 1;
    this.#instances.set(group, number);
    return number;
  }

  #assertOpen(): void {
    if (this.#closed) throw new FieldlineError('ABORTED', 'The streams were closed');
  }
}
