import { setTimeout as sleep } from 'node:timers/promises';
import { type BackoffLimits, backoffMs } from '@/lib/clock/backoff';
import { asFieldlineError, FieldlineError, isFieldlineError } from '@/lib/errors';
import type { StreamRecord, SubscribeOptions, Subscription, TopicInfo } from '@/lib/ports';
import { type KafkaRestClient, type Place, proxyTopic, type RestConsumerHandle, type WireRecord } from './client';
import { refOf, toRecord } from './records';

const MAX_BATCH_RECORDS = 500;
const DISCOVERY_INTERVAL_MS = 2_000;
const POLL_TIMEOUT_MS = 500;
const POLL_BYTES_MAX = 1024 * 1024;
/** How often a running handler's partition is looked after. */
const ASSIGNMENT_CHECK_INTERVAL_MS = 1_000;
const REDELIVERY_BACKOFF: BackoffLimits = { minMs: 200, maxMs: 10_000 };
/** Failures in a row before the subscription gives up: the supervisor then tries again, more slowly. */
const FAILURES_MAX = 3;
const FAILURE_WAIT_MS = 300;
/** Reads until a member that was given nothing counts as ready. */
const READY_POLLS_MAX = 4;

export interface SubscriptionParts {
  client: KafkaRestClient;
  mission: string;
  /** Of the consumer instance: the same in the next life of this process, so that what this one leaves behind can be ended. */
  instance: string;
  topics: (stream: 'pipeline' | 'replicated') => Promise<TopicInfo[]>;
}

/** Records that their handler refused, until they come again. Meanwhile nothing more of their partition is read. */
interface Held {
  place: Place;
  records: StreamRecord[];
  attempts: number;
  retryAt: number;
}

const keyOf = ({ topic, partition }: Place) => `${topic}/${partition}`;

/** One member of a consumer group, through a consumer instance of the proxy. */
export class RestSubscription implements Subscription {
  readonly ready: Promise<void>;
  readonly done: Promise<void>;
  readonly #parts: SubscriptionParts;
  readonly #options: SubscribeOptions;
  readonly #held = new Map<string, Held>();
  readonly #stopping = new AbortController();
  #consumer: RestConsumerHandle | null = null;
  #topics: string[] = [];
  #discoverAt = 0;
  #polls = 0;
  #markReady: () => void = () => undefined;

  constructor(parts: SubscriptionParts, options: SubscribeOptions) {
    this.#parts = parts;
    this.#options = options;
    this.ready = new Promise((resolve) => {
      this.#markReady = resolve;
    });
    this.done = this.#run();
    // Whoever does not watch `done` must not end the process by it.
    this.done.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new FieldlineError('ABORTED', 'The subscription was stopped'));
    await this.done.catch(() => undefined);
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    let failures = 0;
    try {
      while (!this.#isStopping) {
        try {
          await this.#round();
          failures = 0;
        } catch (error) {
          if (this.#isStopping) return;
          failures++;
          if (failures >= FAILURES_MAX || isFieldlineError(error, 'AUTH_FAILED')) throw asFieldlineError(error);
          await this.#beginAnew();
          await this.#pause(FAILURE_WAIT_MS);
        }
      }
    } finally {
      this.#markReady();
      await this.#letGo();
    }
  }

  async #round(): Promise<void> {
    await this.#discover();
    if (this.#topics.length === 0) {
      this.#markReady();
      return this.#pause(this.#options.discoveryIntervalMs ?? DISCOVERY_INTERVAL_MS);
    }
    this.#consumer ??= await this.#join();
    await this.#retryHeld(this.#consumer);
    const records = await this.#consumer.poll(this.#pollTimeoutMs(), POLL_BYTES_MAX, this.#stopping.signal);
    await this.#noteReady(this.#consumer);
    for (const [place, batch] of this.#byPartition(records)) {
      if (this.#isStopping) return;
      if (!this.#held.has(keyOf(place))) await this.#deliver(this.#consumer, place, batch, 0);
    }
  }

  /** Looks for the topics there are, when it is time. */
  async #discover(): Promise<void> {
    const { topics } = this.#options;
    const isComplete = !('stream' in topics) && topics.length === this.#topics.length;
    if (isComplete || Date.now() < this.#discoverAt) return;
    const found = await this.#wanted();
    this.#discoverAt = Date.now() + (this.#options.discoveryIntervalMs ?? DISCOVERY_INTERVAL_MS);
    if (found.every((topic) => this.#topics.includes(topic))) return;
    this.#topics = found;
    await this.#consumer?.subscribe(found);
  }

  async #wanted(): Promise<string[]> {
    const { topics } = this.#options;
    const { mission } = this.#parts;
    const streams = 'stream' in topics ? [topics.stream] : [...new Set(topics.map(({ stream }) => stream))];
    const existing = (await Promise.all(streams.map((stream) => this.#parts.topics(stream)))).flat();
    return existing
      .map(({ ref }) => ref)
      .filter((ref) =>
        'stream' in topics
          ? ref.topic.startsWith(topics.prefix)
          : topics.some(({ stream, topic }) => stream === ref.stream && topic === ref.topic),
      )
      .map((ref) => proxyTopic(mission, ref));
  }

  async #join(): Promise<RestConsumerHandle> {
    const { client, instance } = this.#parts;
    const consumer = await client.createConsumer(this.#options.group, instance, this.#options.from);
    await consumer.subscribe(this.#topics);
    return consumer;
  }

  /** A read whose answer was lost has moved on at the proxy: a new instance begins again behind what was committed. */
  async #beginAnew(): Promise<void> {
    this.#held.clear();
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = null;
    // One that can not be told now is ended by the proxy when it has been idle, or by the next life of this process.
    await consumer?.remove().catch(() => undefined);
  }

  #pollTimeoutMs(): number {
    const now = Date.now();
    const dueAt = Math.min(...[...this.#held.values()].map(({ retryAt }) => retryAt), now + POLL_TIMEOUT_MS);
    const isComplete = !('stream' in this.#options.topics) && this.#options.topics.length === this.#topics.length;
    return Math.max(0, Math.min(dueAt, isComplete ? dueAt : this.#discoverAt) - now);
  }

  async #noteReady(consumer: RestConsumerHandle): Promise<void> {
    if (this.#polls > READY_POLLS_MAX) return;
    this.#polls++;
    if (this.#polls > READY_POLLS_MAX) this.#markReady();
    else if ((await consumer.assignments()).length > 0) {
      this.#polls = READY_POLLS_MAX + 1;
      this.#markReady();
    }
  }

  #byPartition(records: readonly WireRecord[]): [Place, StreamRecord[]][] {
    const now = Date.now();
    const batches = new Map<string, [Place, StreamRecord[]]>();
    for (const record of records) {
      const { topic, partition } = record;
      const ref = refOf(this.#parts.mission, topic);
      if (!ref) throw new FieldlineError('PROTOCOL', `The proxy gave a record of ${topic}, which was not asked for`);
      const key = keyOf(record);
      const batch = batches.get(key) ?? [{ topic, partition }, []];
      batches.set(key, batch);
      batch[1].push(toRecord(ref, record, now));
    }
    return [...batches.values()];
  }

  /** Hands the records over in batches, committing each. What the handler refuses is held back for a while. */
  async #deliver(
    consumer: RestConsumerHandle,
    place: Place,
    records: readonly StreamRecord[],
    attempts: number,
  ): Promise<void> {
    const size = this.#options.maxBatchRecords ?? MAX_BATCH_RECORDS;
    for (let at = 0; at < records.length; at += size) {
      const batch = records.slice(at, at + size);
      if (this.#isStopping) return;
      const outcome = await this.#handle(consumer, place, batch);
      if (outcome === 'done') await this.#commit(consumer, place, batch);
      else if (outcome === 'refused' && !this.#isStopping) {
        const tries = at === 0 ? attempts + 1 : 1;
        const waitMs = backoffMs(tries, REDELIVERY_BACKOFF);
        const isNew = !this.#held.has(keyOf(place));
        this.#held.set(keyOf(place), {
          place,
          records: records.slice(at),
          attempts: tries,
          retryAt: Date.now() + waitMs,
        });
        if (isNew) await this.#unlessTakenAway(() => consumer.seekToEnd(place));
      }
      if (outcome !== 'done') return;
    }
    if (!this.#held.delete(keyOf(place))) return;
    const next = Number(records.at(-1)!.offset) + 1;
    await this.#unlessTakenAway(() => consumer.seek(place, next));
  }

  async #handle(
    consumer: RestConsumerHandle,
    place: Place,
    batch: StreamRecord[],
  ): Promise<'done' | 'refused' | 'taken'> {
    const taken = new AbortController();
    const signal = AbortSignal.any([taken.signal, this.#stopping.signal]);
    const timer = setInterval(() => {
      // A look that fails says nothing; the next read will say what is the matter.
      consumer.assignments().then(
        (places) => {
          if (!places.some((other) => keyOf(other) === keyOf(place))) taken.abort(takenAway());
        },
        () => undefined,
      );
    }, ASSIGNMENT_CHECK_INTERVAL_MS);
    try {
      await this.#options.handler(batch, { signal });
      return taken.signal.aborted ? 'taken' : 'done';
    } catch {
      // The handler has told its own trouble; here the records only have to come again.
      return taken.signal.aborted ? 'taken' : 'refused';
    } finally {
      clearInterval(timer);
    }
  }

  async #commit(consumer: RestConsumerHandle, place: Place, batch: readonly StreamRecord[]): Promise<void> {
    await this.#unlessTakenAway(() => consumer.commit(place, Number(batch.at(-1)!.offset)));
  }

  async #retryHeld(consumer: RestConsumerHandle): Promise<void> {
    const due = [...this.#held.values()].filter(({ retryAt }) => retryAt <= Date.now());
    if (due.length === 0) return;
    const mine = new Set((await consumer.assignments()).map(keyOf));
    for (const { place, records, attempts } of due) {
      if (this.#isStopping) return;
      if (mine.has(keyOf(place))) await this.#deliver(consumer, place, records, attempts);
      else this.#held.delete(keyOf(place));
    }
  }

  /** Another member has the partition by now, and reads it again from what was committed. */
  async #unlessTakenAway(call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (!isFieldlineError(error, 'CONFLICT')) throw error;
    }
  }

  async #pause(ms: number): Promise<void> {
    // Ends early when the subscription is stopped, by rejecting.
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

function takenAway(): FieldlineError {
  return new FieldlineError('ABORTED', 'The partition was given to another member of the group');
}
