/** The consumer instances of this door. An instance that nobody asks anything of for a while is ended, as if it had been deleted. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '@/lib/clock/clock';
import type { Door } from '../../kafka/door';
import { refusal } from '../errors';
import { type ConsumerConfig, RestConsumer } from './consumer';

/** Confluent's `consumer.instance.timeout.ms`. */
const IDLE_MS_MAX = 300_000;
const IDLE_CHECK_INTERVAL_MS = 5_000;
const INSTANCES_MAX = 500;

interface Entry {
  consumer: RestConsumer;
  usedAt: number;
  /** Calls under way: a long poll is no idleness. */
  calls: number;
}

export class ConsumerRegistry {
  readonly #entries = new Map<string, Entry>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    readonly broker: Door,
    readonly clock: Clock,
  ) {
    this.#timer = setInterval(() => void this.expire(), IDLE_CHECK_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Fails with CONFLICT when the group has an instance of that name, with UNAVAILABLE when there are too many. */
  create(config: Omit<ConsumerConfig, 'instance'> & { instance: string | undefined }): RestConsumer {
    const instance = config.instance ?? `rest-consumer-${randomUUID()}`;
    const key = keyOf(config.group, instance);
    if (this.#entries.has(key))
      throw refusal('consumerExists', `The group ${config.group} has a consumer instance ${instance} already`);
    if (this.#entries.size >= INSTANCES_MAX)
      throw refusal('tooMany', `There are ${INSTANCES_MAX} consumer instances already: delete those that are not used`);
    const consumer = new RestConsumer(this.broker, { ...config, instance });
    this.#entries.set(key, { consumer, usedAt: this.clock.now(), calls: 0 });
    return consumer;
  }

  /** Does something with an instance, which is not idle meanwhile. Fails with NOT_FOUND. */
  async use<T>(group: string, instance: string, work: (consumer: RestConsumer) => Promise<T> | T): Promise<T> {
    const entry = this.#require(group, instance);
    entry.calls++;
    try {
      return await work(entry.consumer);
    } finally {
      entry.calls--;
      entry.usedAt = this.clock.now();
    }
  }

  /** Fails with NOT_FOUND. */
  async remove(group: string, instance: string): Promise<void> {
    const { consumer } = this.#require(group, instance);
    this.#entries.delete(keyOf(group, instance));
    await consumer.close();
  }

  /** Ends the instances that were idle for too long; runs by itself. */
  async expire(): Promise<void> {
    const oldest = this.clock.now() - IDLE_MS_MAX;
    const idle = [...this.#entries].filter(([, entry]) => entry.calls === 0 && entry.usedAt < oldest);
    for (const [key] of idle) this.#entries.delete(key);
    await Promise.all(idle.map(([, { consumer }]) => consumer.close()));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const all = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(all.map(({ consumer }) => consumer.close()));
  }

  #require(group: string, instance: string): Entry {
    const entry = this.#entries.get(keyOf(group, instance));
    if (!entry) throw refusal('consumerNotFound', `The group ${group} has no consumer instance ${instance}`);
    return entry;
  }
}

const keyOf = (group: string, instance: string) => JSON.stringify([group, instance]);
