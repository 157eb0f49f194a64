/** One consumer instance: what a client of the REST API reads with. */
import { isFieldlineError } from '@/lib/errors';
import { KAFKA_ERROR } from '../../kafka/codec';
import type { Door } from '../../kafka/door';
import { groupRefusal, refusal } from '../errors';
import type { Format } from '../formats';
import type { NamedTopic } from '../names';
import { Membership } from './membership';
import type { TopicPartition } from './protocol';
import { type ReadRecord, readRecords } from './reader';

export interface ConsumerConfig {
  group: string;
  instance: string;
  format: Format;
  /** Where a partition without a committed offset begins. */
  reset: 'earliest' | 'latest';
  autoCommit: boolean;
}

export interface ConsumedRecord extends ReadRecord {
  /** As the client calls it. */
  topic: string;
  partition: number;
}

export interface CommitEntry extends TopicPartition {
  /** Of the last record that was processed. */
  offset: number;
  metadata: string | null;
}

type Subscription =
  | { kind: 'none' }
  | { kind: 'topics'; topics: NamedTopic[] }
  | { kind: 'pattern'; pattern: string; match: (kafka: string) => NamedTopic | null }
  | { kind: 'assigned' };

interface Position extends TopicPartition {
  shown: string;
  offset: number;
}

const keyOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;
/** A member of no generation: a commit of a consumer with fixed partitions. */
const NO_GENERATION = -1;

export class RestConsumer {
  readonly config: ConsumerConfig;
  readonly #broker: Door;
  #subscription: Subscription = { kind: 'none' };
  #membership: Membership | null = null;
  /** The partitions that are read, and where: the offset of the next record. */
  #positions = new Map<string, Position>();
  /** Reads of one instance come one after the other. */
  #reading: Promise<unknown> = Promise.resolve();
  #wake: () => void = () => undefined;
  readonly #unsubscribe: () => void;
  readonly #closing = new AbortController();

  constructor(broker: Door, config: ConsumerConfig) {
    this.#broker = broker;
    this.config = config;
    this.#unsubscribe = broker.store.onChange((topic) => {
      if (this.#membership && (this.#wantedTopic(topic) || this.#reads(topic))) this.#membership.markStale();
    });
  }

  /** Fails with CONFLICT where the other kinds of subscription are in force. */
  subscribe(subscription: Extract<Subscription, { kind: 'topics' | 'pattern' }>): void {
    if (this.#subscription.kind !== 'none' && this.#subscription.kind !== subscription.kind)
      throw refusal('otherSubscription', 'Subscriptions to topics, to a pattern and to partitions exclude each other');
    this.#subscription = subscription;
    this.#membership ??= new Membership({
      broker: this.#broker,
      group: this.config.group,
      clientId: this.config.instance,
      topics: () => this.#wanted().map(({ kafka }) => kafka),
      onAssigned: (partitions) => this.#take(partitions),
      onChange: () => this.#wake(),
    });
    this.#membership.markStale();
  }

  /** The topics as the client called them; of a pattern, those that match now. */
  subscribedTopics(): string[] {
    return this.#wanted().map(({ shown }) => shown);
  }

  /** Leaves the group, and forgets fixed partitions. */
  unsubscribe(): void {
    this.#membership?.leave();
    this.#membership = null;
    this.#subscription = { kind: 'none' };
    this.#positions.clear();
  }

  /** Reads these partitions, without sharing them. Fails with CONFLICT while subscribed. */
  assign(partitions: readonly { topic: NamedTopic; partition: number }[]): void {
    if (this.#membership)
      throw refusal('otherSubscription', 'Subscriptions to topics, to a pattern and to partitions exclude each other');
    for (const { topic, partition } of partitions) this.#require({ topic: topic.kafka, partition }, topic.shown);
    const before = this.#positions;
    this.#positions = new Map();
    for (const { topic, partition } of partitions) {
      const at = { topic: topic.kafka, partition };
      this.#positions.set(keyOf(at), before.get(keyOf(at)) ?? this.#begin(at, topic.shown));
    }
    this.#subscription = partitions.length > 0 ? { kind: 'assigned' } : { kind: 'none' };
    this.#wake();
  }

  assignments(): { topic: string; partition: number }[] {
    return [...this.#positions.values()].map(({ shown, partition }) => ({ topic: shown, partition }));
  }

  /** Records of about `maxBytes`; waits up to `timeoutMs` for the first, and for the group. Empty when there was none. */
  poll(timeoutMs: number, maxBytes: number, signal: AbortSignal): Promise<ConsumedRecord[]> {
    const ends = AbortSignal.any([signal, this.#closing.signal]);
    const read = this.#reading.then(() => this.#poll(timeoutMs, maxBytes, ends));
    this.#reading = read.catch(() => undefined);
    return read;
  }

  /** Commits what was read (null), or what the entries say. Resolves when durable. Fails where the partitions are another member's by now. */
  async commit(entries: readonly CommitEntry[] | null): Promise<void> {
    const read = () =>
      [...this.#positions.values()].map(({ topic, partition, offset }) => ({
        topic,
        partition,
        offset,
        metadata: null,
      }));
    // Confluent's proxy: an entry names the record that was processed, so the next one is where to go on.
    const wanted = entries === null ? read() : entries.map((entry) => ({ ...entry, offset: entry.offset + 1 }));
    if (wanted.length === 0) return;
    if (this.#membership) {
      const strange = wanted.find((entry) => !this.#positions.has(keyOf(entry)));
      if (strange) throw refusal('illegalState', `${keyOf(strange)} is not assigned to this consumer`);
    }
    const answer = await this.#broker.groups.commit({
      groupId: this.config.group,
      generationId: this.#membership?.generationId ?? NO_GENERATION,
      memberId: this.#membership?.memberId ?? '',
      groupInstanceId: null,
      retentionTimeMs: -1,
      topics: wanted.map(({ topic, partition, offset, metadata }) => ({
        name: topic,
        partitions: [
          {
            index: partition,
            committedOffset: offset,
            committedLeaderEpoch: -1,
            commitTimestamp: -1,
            committedMetadata: metadata,
          },
        ],
      })),
    });
    const failed = answer.topics
      .flatMap(({ partitions }) => partitions)
      .find(({ errorCode }) => errorCode !== KAFKA_ERROR.NONE);
    if (failed) throw groupRefusal(failed.errorCode, `Committing for ${this.config.group}`);
  }

  committed(partitions: readonly TopicPartition[]) {
    return partitions.flatMap((at) => {
      const found = this.#broker.offsets.find(this.config.group, at.topic, at.partition);
      return found ? [{ ...at, offset: found.offset, metadata: found.metadata }] : [];
    });
  }

  /** Moves where reading goes on. Fails with CONFLICT on a partition that is not assigned. */
  seek(at: TopicPartition, to: number | 'beginning' | 'end'): void {
    const position = this.#positions.get(keyOf(at));
    if (!position) throw refusal('illegalState', `${keyOf(at)} is not assigned to this consumer`);
    const log = this.#require(at, position.shown);
    position.offset = to === 'beginning' ? log.logStart : to === 'end' ? log.highWatermark : to;
    this.#wake();
  }

  /** Leaves the group at once; a read under way ends. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#unsubscribe();
    await this.#reading;
    if (this.config.autoCommit) await this.#commitRead();
    this.unsubscribe();
  }

  async #poll(timeoutMs: number, maxBytes: number, signal: AbortSignal): Promise<ConsumedRecord[]> {
    if (this.#subscription.kind === 'none') throw refusal('illegalState', 'This consumer has no subscription');
    // What was read before counts as processed when the client comes for more.
    if (this.config.autoCommit) await this.#commitRead();
    const end = Date.now() + timeoutMs;
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      if (this.#membership) await waitUntil(this.#membership.join(), end, signal);
      if (!this.#membership?.isStale && !this.#membership?.isJoining) {
        const records = await this.#read(maxBytes);
        if (records.length > 0) return records;
      }
      if (signal.aborted || Date.now() >= end) return [];
      if (!this.#membership?.isStale) await this.#waitForMore(changed, end, signal);
    }
  }

  /** What can not be committed, because the group was divided anew, is read again by whoever has it now. */
  async #commitRead(): Promise<void> {
    try {
      await this.commit(null);
    } catch (error) {
      if (!isFieldlineError(error, 'CONFLICT')) throw error;
    }
  }

  async #read(maxBytes: number): Promise<ConsumedRecord[]> {
    const records: ConsumedRecord[] = [];
    let left = maxBytes;
    for (const [key, position] of [...this.#positions]) {
      if (left <= 0) break;
      const log = this.#broker.store.partition(position.topic, position.partition);
      if (!log) continue;
      if (position.offset < log.logStart || position.offset > log.highWatermark)
        position.offset = this.config.reset === 'earliest' ? log.logStart : log.highWatermark;
      if (position.offset >= log.highWatermark) continue;
      const from = position.offset;
      const found = await readRecords(log, from, left);
      // Moved by a seek, or taken away, while it was read.
      if (this.#positions.get(key) !== position || position.offset !== from) continue;
      position.offset = found.next;
      left -= found.bytes;
      // The next read begins with another partition: a busy one starves nobody.
      this.#positions.delete(key);
      this.#positions.set(key, position);
      for (const record of found.records)
        records.push({ ...record, topic: position.shown, partition: position.partition });
    }
    return records;
  }

  /** Resolves when something was appended to a partition that is read, something changed, or the time is up. */
  async #waitForMore(changed: Promise<void>, end: number, signal: AbortSignal): Promise<void> {
    const logs = [...this.#positions.values()].flatMap((at) => {
      const log = this.#broker.store.partition(at.topic, at.partition);
      return log ? [{ offset: at.offset, log }] : [];
    });
    if (logs.some(({ offset, log }) => offset < log.highWatermark)) return;
    const { promise: advanced, resolve } = withResolvers();
    const subscriptions = logs.map(({ log }) => log.onAdvance(resolve));
    try {
      await waitUntil(Promise.race([changed, advanced]), end, signal);
    } finally {
      for (const unsubscribe of subscriptions) unsubscribe();
    }
  }

  #take(partitions: readonly TopicPartition[]): void {
    const names = new Map(this.#wanted().map(({ kafka, shown }) => [kafka, shown]));
    const before = this.#positions;
    this.#positions = new Map();
    for (const at of partitions) {
      const shown = names.get(at.topic);
      if (shown === undefined || !this.#broker.store.partition(at.topic, at.partition)) continue;
      // One that stays goes on where it was, if nobody else has had it meanwhile: then its offset is not behind the committed one.
      const kept = before.get(keyOf(at));
      const committed = this.#broker.offsets.find(this.config.group, at.topic, at.partition)?.offset ?? 0;
      this.#positions.set(keyOf(at), kept && kept.offset >= committed ? kept : this.#begin(at, shown));
    }
    this.#wake();
  }

  #begin(at: TopicPartition, shown: string): Position {
    const log = this.#require(at, shown);
    const committed = this.#broker.offsets.find(this.config.group, at.topic, at.partition)?.offset;
    return { ...at, shown, offset: committed ?? (this.config.reset === 'earliest' ? log.logStart : log.highWatermark) };
  }

  #require({ topic, partition }: TopicPartition, shown: string) {
    const log = this.#broker.store.partition(topic, partition);
    if (!log) throw refusal('partitionNotFound', `There is no partition ${partition} of ${shown}`);
    return log;
  }

  /** The topics of the subscription that exist. */
  #wanted(): NamedTopic[] {
    const subscription = this.#subscription;
    if (subscription.kind === 'topics') return subscription.topics;
    if (subscription.kind !== 'pattern') return [];
    return this.#broker.store.list().flatMap(({ name }) => subscription.match(name) ?? []);
  }

  #wantedTopic(kafka: string): boolean {
    const subscription = this.#subscription;
    if (subscription.kind === 'topics') return subscription.topics.some((topic) => topic.kafka === kafka);
    return subscription.kind === 'pattern' && subscription.match(kafka) !== null;
  }

  #reads(kafka: string): boolean {
    return [...this.#positions.values()].some(({ topic }) => topic === kafka);
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Resolves with the work, or when the time is up; the work then goes on behind. */
async function waitUntil(work: Promise<void>, end: number, signal: AbortSignal): Promise<void> {
  const { promise: over, resolve: giveUp } = withResolvers();
  const timer = setTimeout(giveUp, Math.max(0, end - Date.now()));
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}
