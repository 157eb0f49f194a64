import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { type BackoffLimits, backoffMs } from '@/lib/clock/backoff';
import { FieldlineError } from '@/lib/errors';
import type { StreamRecord, SubscribeOptions, Subscription, TopicRef } from '@/lib/ports';
import { LOST_RECORD_HEADER } from '@/lib/ports/lost-record';
import { RETRY } from './client';
import { isCoordinatorMoving, kafkaFailure } from './errors';
import { kafkaTopic, topicRefOf } from './naming';

const MAX_BATCH_RECORDS = 500;
const DISCOVERY_INTERVAL_MS = 2_000;
/** How soon the partitions of a process that was killed go to others. */
const SESSION_TIMEOUT_MS = 8_000;
const HEARTBEAT_INTERVAL_MS = 2_000;
/** How long a handler may hold up a rebalance. */
const REBALANCE_TIMEOUT_MS = 30_000;
/** A long poll that is under way holds up a stop this long at most. */
const FETCH_WAIT_MS = 500;
const FETCH_BYTES_PER_PARTITION = 4 * 1024 * 1024;
/** New partitions of a topic are seen within this time. */
const METADATA_AGE_MS_MAX = 10_000;
/** Waits before the same records come again after a handler failed. */
const REDELIVERY_BACKOFF: BackoffLimits = { minMs: 200, maxMs: 10_000 };
/** A group's coordinator moves with its broker, and reads its offsets first; joining is tried again for so many times, some 100 ms apart. */
const JOIN_RESTARTS_MAX = 50;
/** Failures in a row to look for topics before a subscription that has none yet gives up. */
const DISCOVERY_FAILURES_MAX = 3;

export interface SubscriptionParts {
  kafka: Kafka;
  mission: string;
  /** The Kafka names of the topics that exist. */
  listTopics: () => Promise<string[]>;
}

/** One member of a consumer group. */
export class KafkaSubscription implements Subscription {
  readonly ready: Promise<void>;
  readonly done: Promise<void>;
  readonly #parts: SubscriptionParts;
  readonly #options: SubscribeOptions;
  readonly #consumer: Consumer;
  /** By Kafka topic and partition. */
  readonly #running = new Map<string, AbortController>();
  readonly #redeliveries = new Map<string, { attempts: number; timer: NodeJS.Timeout | undefined }>();
  #topics: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #discovering: Promise<void> = Promise.resolve();
  #discoveryFailures = 0;
  /** Since it last joined the group. */
  #restarts = 0;
  #stopping: Promise<void> | null = null;
  #markReady: () => void = () => undefined;
  #finish: () => void = () => undefined;
  #fail: (error: FieldlineError) => void = () => undefined;

  /** Resolves when the topics there are were found; joining the group goes on behind. Fails with UNAVAILABLE. */
  static async start(parts: SubscriptionParts, options: SubscribeOptions): Promise<KafkaSubscription> {
    const subscription = new KafkaSubscription(parts, options);
    try {
      await subscription.#discover();
    } catch (error) {
      await subscription.stop();
      throw kafkaFailure(error, `Subscribing as ${options.group}`);
    }
    if (subscription.#topics.length === 0) subscription.#markReady();
    subscription.#scheduleDiscovery();
    return subscription;
  }

  private constructor(parts: SubscriptionParts, options: SubscribeOptions) {
    this.#parts = parts;
    this.#options = options;
    this.ready = new Promise((resolve) => {
      this.#markReady = resolve;
    });
    this.done = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    // Whoever does not watch `done` must not end the process by it.
    this.done.catch(() => undefined);
    this.#consumer = parts.kafka.consumer({
      groupId: options.group,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_INTERVAL_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
      metadataMaxAge: METADATA_AGE_MS_MAX,
      allowAutoTopicCreation: false,
      // A consumer that is gone is to be seen and restarted by the supervisor, not by kafkajs behind everybody's back.
      retry: {
        ...RETRY,
        restartOnFailure: async (error) => isCoordinatorMoving(error) && ++this.#restarts <= JOIN_RESTARTS_MAX,
      },
    });
    this.#consumer.on('consumer.group_join', ({ payload }) => {
      this.#restarts = 0;
      this.#markReady();
      for (const [key, running] of this.#running) {
        const { topic, partition } = fromKey(key);
        if (!payload.memberAssignment[topic]?.includes(partition)) running.abort(takenAway());
      }
    });
    this.#consumer.on('consumer.crash', ({ payload }) => {
      if (payload.restart || this.#stopping) return;
      const failure = kafkaFailure(payload.error, `The consumer group ${options.group} stopped`);
      for (const running of this.#running.values()) running.abort(failure);
      clearTimeout(this.#timer);
      this.#markReady();
      this.#fail(failure);
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#timer);
    for (const running of this.#running.values())
      running.abort(new FieldlineError('ABORTED', 'The subscription was stopped'));
    for (const { timer } of this.#redeliveries.values()) clearTimeout(timer);
    await this.#discovering;
    await this.#consumer.stop();
    await this.#consumer.disconnect();
    this.#markReady();
    this.#finish();
  }

  #scheduleDiscovery(): void {
    // Fixed topics that are all there can not become more.
    const complete = Array.isArray(this.#options.topics) && this.#options.topics.length === this.#topics.length;
    if (complete || this.#stopping) return;
    this.#timer = setTimeout(() => {
      this.#discovering = this.#discover().then(
        () => {
          this.#discoveryFailures = 0;
          this.#scheduleDiscovery();
        },
        (error: unknown) => this.#discoveryFailed(error),
      );
    }, this.#options.discoveryIntervalMs ?? DISCOVERY_INTERVAL_MS);
  }

  #discoveryFailed(error: unknown): void {
    this.#discoveryFailures += 1;
    // A running consumer says by itself when it can not go on.
    if (this.#topics.length > 0 || this.#discoveryFailures < DISCOVERY_FAILURES_MAX) this.#scheduleDiscovery();
    else this.#fail(kafkaFailure(error, `Looking for the topics of ${this.#options.group}`));
  }

  async #discover(): Promise<void> {
    const found = this.#wanted(await this.#parts.listTopics());
    const fresh = found.filter((topic) => !this.#topics.includes(topic));
    if (fresh.length === 0 || this.#stopping) return;
    // kafkajs fixes its topics when it joins the group.
    if (this.#topics.length > 0) await this.#consumer.stop();
    else await this.#consumer.connect();
    const topics = [...this.#topics, ...fresh];
    await this.#consumer.subscribe({ topics, fromBeginning: this.#options.from === 'earliest' });
    this.#topics = topics;
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.#onBatch(payload),
    });
  }

  #wanted(existing: string[]): string[] {
    const { topics } = this.#options;
    const { mission } = this.#parts;
    if (!('stream' in topics)) {
      const names = topics.map((ref) => kafkaTopic(mission, ref));
      return existing.filter((name) => names.includes(name));
    }
    const prefix = kafkaTopic(mission, { stream: topics.stream, topic: topics.prefix });
    return existing.filter((name) => name.startsWith(prefix));
  }

  async #onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, isRunning, isStale } = payload;
    const key = `${batch.topic}/${batch.partition}`;
    const ref = topicRefOf(this.#parts.mission, batch.topic);
    if (!ref) throw new FieldlineError('INTERNAL', `${batch.topic} is no topic of this mission`);
    const controller = new AbortController();
    this.#running.set(key, controller);
    const size = this.#options.maxBatchRecords ?? MAX_BATCH_RECORDS;
    try {
      for (let at = 0; at < batch.messages.length; at += size) {
        if (!isRunning() || isStale() || controller.signal.aborted || this.#stopping) return;
        const messages = batch.messages.slice(at, at + size);
        const done = await this.#handle(payload, ref, messages, controller);
        if (!done) return;
      }
    } finally {
      this.#running.delete(key);
    }
  }

  /** True once the offset behind the messages is committed. */
  async #handle(
    payload: EachBatchPayload,
    ref: TopicRef,
    messages: KafkaMessage[],
    controller: AbortController,
  ): Promise<boolean> {
    const { batch, heartbeat, commitOffsetsIfNecessary, resolveOffset } = payload;
    const { topic, partition } = batch;
    const records = messages
      .filter((message) => message.value !== null || message.headers?.[LOST_RECORD_HEADER] === undefined)
      .map((message) => toRecord(ref, partition, message));
    // A rebalance that a heartbeat reports here is reported again to kafkajs, which acts on it after the handler.
    const beat = setInterval(() => heartbeat().catch(() => undefined), HEARTBEAT_INTERVAL_MS);
    try {
      if (records.length > 0) await this.#options.handler(records, { signal: controller.signal });
    } catch {
      // The handler has told its own trouble; here the records only have to come again.
      this.#redeliver(topic, partition, payload);
      return false;
    } finally {
      clearInterval(beat);
    }
    // Taken away in the meantime: another member has these records now.
    if (controller.signal.aborted && !this.#stopping) return false;
    this.#redeliveries.delete(`${topic}/${partition}`);
    const last = messages.at(-1)!.offset;
    resolveOffset(last);
    const next = (BigInt(last) + 1n).toString();
    await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: next }] }] });
    return true;
  }

  /** Other partitions go on while this one waits. */
  #redeliver(topic: string, partition: number, { pause }: EachBatchPayload): void {
    if (this.#stopping) return;
    const key = `${topic}/${partition}`;
    const attempts = (this.#redeliveries.get(key)?.attempts ?? 0) + 1;
    const waitMs = backoffMs(attempts, REDELIVERY_BACKOFF);
    const resume = pause();
    this.#redeliveries.set(key, { attempts, timer: setTimeout(resume, waitMs) });
  }
}

function takenAway(): FieldlineError {
  return new FieldlineError('ABORTED', 'The partition was given to another member of the group');
}

function fromKey(key: string): { topic: string; partition: number } {
  const at = key.lastIndexOf('/');
  return { topic: key.slice(0, at), partition: Number(key.slice(at + 1)) };
}

export function toRecord(ref: TopicRef, partition: number, message: KafkaMessage): StreamRecord {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) headers[name] = first.toString();
  }
  return {
    topic: ref,
    partition,
    offset: message.offset,
    timestamp: Number(message.timestamp),
    key: message.key?.toString() ?? '',
    value: message.value?.toString() ?? '',
    headers,
  };
}
