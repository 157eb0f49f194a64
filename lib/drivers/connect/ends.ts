import type { Admin } from 'kafkajs';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import { createKafkaClient, type KafkaClientOptions } from '../kafka/client';
import { kafkaFailure } from '../kafka/errors';
import type { KafkaCluster } from './options';

/** Pages and pollers ask at the same time. */
const FRESH_MS = 400;
/** A page waits for this; a cluster that takes longer is as good as not reachable now. */
const ANSWER_MS_MAX = 6_000;

export interface PartitionEnds {
  low: number;
  end: number;
}

export const kafkaClientOf = ({ brokers, sasl, tls }: KafkaCluster, clientId: string): KafkaClientOptions => ({
  brokers,
  clientId,
  ...(sasl && { sasl }),
  ...(tls && { ssl: tls.ca === undefined ? {} : { ca: tls.ca } }),
});

/** The ends of some topics of one cluster, by `topic/partition`. Topics that do not exist are left out. */
export class ClusterEnds {
  readonly #kafka;
  #admin: Promise<Admin> | null = null;
  #last: { at: number; ends: Promise<Map<string, PartitionEnds>> } | null = null;

  constructor(
    cluster: KafkaCluster,
    private readonly options: { topics: readonly string[]; clientId: string; clock?: Clock },
  ) {
    this.#kafka = createKafkaClient(kafkaClientOf(cluster, options.clientId));
  }

  /** Fails with UNAVAILABLE, AUTH_FAILED, TIMEOUT, in words. */
  read(): Promise<Map<string, PartitionEnds>> {
    const now = (this.options.clock ?? systemClock).now();
    if (this.#last && now - this.#last.at < FRESH_MS) return this.#last.ends;
    const ends = this.#bounded(this.#ask());
    this.#last = { at: now, ends };
    ends.catch(() => this.#drop());
    return ends;
  }

  async close(): Promise<void> {
    await this.#drop();
  }

  async #ask(): Promise<Map<string, PartitionEnds>> {
    this.#admin ??= this.#connect();
    const admin = await this.#admin;
    const there = new Set(await admin.listTopics());
    const ends = new Map<string, PartitionEnds>();
    await Promise.all(
      this.options.topics
        .filter((topic) => there.has(topic))
        .map(async (topic) => {
          for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
            ends.set(`${topic}/${partition}`, { low: Number(low), end: Number(high) });
        }),
    );
    return ends;
  }

  async #bounded<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const error = new FieldlineError('TIMEOUT', `Kafka did not answer within ${ANSWER_MS_MAX / 1000} s`);
      timer = setTimeout(() => reject(error), ANSWER_MS_MAX);
    });
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      throw kafkaFailure(error, 'Asking for offsets');
    } finally {
      clearTimeout(timer);
    }
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin();
    await admin.connect();
    return admin;
  }

  /** A client that failed keeps to addresses and leaders that may be gone. */
  async #drop(): Promise<void> {
    const admin = this.#admin;
    this.#admin = null;
    const ignore = () => undefined;
    await admin?.then((connected) => connected.disconnect()).catch(ignore);
  }
}
