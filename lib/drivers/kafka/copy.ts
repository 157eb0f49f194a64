import { type Admin, CompressionTypes, type Kafka, type KafkaMessage, type Producer } from 'kafkajs';
import { FieldlineError } from '@/lib/errors';
import type { PlaceId, PlaceRange, StoredRecord, StreamCopy, StreamPlace } from '@/lib/ports/stream-copy';
import { createKafkaClient } from './client';
import { withCoordinator } from './coordinator';
import type { KafkaStreamsOptions } from './index';
import { kafkaTopic, passingGroup, topicRefOf } from './naming';
import { readFrom } from './read-from';

/** A broker that is busy, and a group that is a new one each time; restarted by every batch. */
const SILENCE_MS_MAX = 30_000;
const FETCH_WAIT_MS = 200;
/** Of one produce request: below the default of `message.max.bytes`, with room for what frames the records. */
const APPEND_BYTES_MAX = 512 * 1024;
const APPEND_RECORDS_MAX = 2_000;

/** The streams of a mission on any Kafka broker, for who takes them elsewhere. Connects at the first call. */
export function createKafkaCopy(options: KafkaStreamsOptions): StreamCopy {
  return new KafkaCopy(createKafkaClient(options), options.mission);
}

class KafkaCopy implements StreamCopy {
  #admin: Promise<Admin> | null = null;
  #producer: Promise<Producer> | null = null;

  constructor(
    private readonly kafka: Kafka,
    private readonly mission: string,
  ) {}

  places(): Promise<StreamPlace[]> {
    return withCoordinator('Asking for the topics', async () => {
      const admin = await this.#connectedAdmin();
      const { topics } = await admin.fetchTopicMetadata();
      const places = await Promise.all(
        topics.map(async ({ name }) => {
          const ref = topicRefOf(this.mission, name);
          if (!ref) return [];
          const offsets = await admin.fetchTopicOffsets(name);
          return offsets.map(({ partition, low, high }) => ({ ref, partition, low: Number(low), high: Number(high) }));
        }),
      );
      return places.flat();
    });
  }

  async read(...[ranges, onRecords, signal]: Parameters<StreamCopy['read']>): Promise<void> {
    const open = new Map(ranges.filter(({ from, until }) => from < until).map((range) => [this.#key(range), range]));
    if (open.size === 0) return;
    // What was read stays read when the group has to be joined once more.
    const next = new Map([...open].map(([key, range]) => [key, range.from]));
    await withCoordinator('Reading the topics', () => this.#readOpen(open, next, onRecords, signal));
  }

  /** Through a group that lives only as long: kafkajs reads in no other way. */
  async #readOpen(
    open: Map<string, PlaceRange>,
    next: Map<string, number>,
    onRecords: Parameters<StreamCopy['read']>[1],
    signal: AbortSignal,
  ): Promise<void> {
    const groupId = passingGroup(this.mission, 'copy');
    const consumer = this.kafka.consumer({ groupId, maxWaitTimeInMs: FETCH_WAIT_MS, retry: { retries: 2 } });
    const wanted = [...open.values()];
    try {
      await consumer.connect();
      await consumer.subscribe({
        topics: [...new Set(wanted.map(({ ref }) => kafkaTopic(this.mission, ref)))],
        fromBeginning: true,
      });
      await new Promise<void>((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        let isOver = false;
        const finish = (error?: unknown) => {
          isOver = true;
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          if (error) reject(error);
          else resolve();
        };
        const abort = () => finish(new FieldlineError('ABORTED', 'The copy was stopped'));
        const alive = () => {
          clearTimeout(timer);
          timer = setTimeout(
            () => finish(new FieldlineError('TIMEOUT', `No record came for ${SILENCE_MS_MAX / 1000} s`)),
            SILENCE_MS_MAX,
          );
        };
        signal.addEventListener('abort', abort, { once: true });
        if (signal.aborted) return abort();
        alive();
        consumer.on('consumer.crash', ({ payload }) => finish(payload.error));
        readFrom({
          consumer,
          isOver: () => isOver,
          positions: () =>
            wanted.map((range) => ({
              topic: kafkaTopic(this.mission, range.ref),
              partition: range.partition,
              offset: String(next.get(this.#key(range))),
            })),
          eachBatch: async ({ batch, heartbeat }) => {
            const key = `${batch.topic} ${batch.partition}`;
            const range = open.get(key);
            if (!range || isOver) return;
            alive();
            const records = batch.messages
              .map(stored)
              // Before the seek has come through, a batch may be of other offsets.
              .filter(({ offset }) => offset >= next.get(key)! && offset < range.until);
            try {
              if (records.length > 0) await onRecords(range, records);
            } catch (error) {
              finish(error);
              throw error;
            }
            next.set(key, Math.max(next.get(key)!, (records.at(-1)?.offset ?? -1) + 1));
            await heartbeat();
            if (isOver) return;
            alive();
            if (Number(batch.lastOffset()) >= range.until - 1 && next.get(key)! >= range.from) open.delete(key);
            if (open.size === 0) finish();
          },
        }).catch(finish);
      });
    } finally {
      await consumer.disconnect();
      const admin = await this.#connectedAdmin();
      // The group committed nothing; a broker that has forgotten it already is as well.
      await admin.deleteGroups([groupId]).catch(() => undefined);
    }
  }

  async append(place: PlaceId, records: readonly StoredRecord[]): Promise<void> {
    const topic = kafkaTopic(this.mission, place.ref);
    await withCoordinator(`Writing to ${topic}`, async () => {
      const producer = await this.#connectedProducer();
      for (const some of slices(records)) {
        const [answer] = await producer.send({
          topic,
          acks: -1,
          compression: CompressionTypes.GZIP,
          messages: some.map(({ key, value, headers, timestamp }) => ({
            partition: place.partition,
            key,
            value,
            headers: headers as KafkaMessage['headers'],
            timestamp: String(timestamp),
          })),
        });
        if (Number(answer?.baseOffset) !== some[0]!.offset)
          throw new FieldlineError(
            'CONFLICT',
            `${topic} has records of somebody else: offset ${some[0]!.offset} came to lie at ${answer?.baseOffset}`,
            {
              remedy: 'Let nothing else write to the topics of this mission; remove what was prepared, and begin again',
            },
          );
      }
    });
  }

  async forgetBefore({ ref, partition }: PlaceId, offset: number): Promise<void> {
    const topic = kafkaTopic(this.mission, ref);
    await withCoordinator(`Letting ${topic} begin at ${offset}`, async () =>
      (await this.#connectedAdmin()).deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] }),
    );
  }

  inventory(): Promise<{ topics: string[]; groups: string[] }> {
    return withCoordinator('Asking for the topics', async () => {
      const admin = await this.#connectedAdmin();
      const topics = (await admin.listTopics()).filter((name) => topicRefOf(this.mission, name) !== null);
      const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
      return { topics: topics.sort(), groups: groups.filter((id) => id.startsWith(`${this.mission}.`)).sort() };
    });
  }

  async remove({ topics, groups }: Parameters<StreamCopy['remove']>[0]): Promise<void> {
    await withCoordinator('Removing the topics', async () => {
      const admin = await this.#connectedAdmin();
      const there = await this.inventory();
      const present = topics.filter((topic) => there.topics.includes(topic));
      if (present.length > 0) await admin.deleteTopics({ topics: present });
      const known = groups.filter((group) => there.groups.includes(group));
      if (known.length > 0) await admin.deleteGroups(known);
    });
  }

  async close(): Promise<void> {
    const clients = await Promise.allSettled([this.#producer, this.#admin]);
    for (const client of clients) if (client.status === 'fulfilled') await client.value?.disconnect();
  }

  #key({ ref, partition }: PlaceId): string {
    return `${kafkaTopic(this.mission, ref)} ${partition}`;
  }

  #connectedAdmin(): Promise<Admin> {
    if (!this.#admin) {
      const admin = this.kafka.admin();
      this.#admin = admin.connect().then(() => admin);
      this.#admin.catch(() => {
        this.#admin = null;
      });
    }
    return this.#admin;
  }

  #connectedProducer(): Promise<Producer> {
    if (!this.#producer) {
      // Idempotent: an answer that was lost must not put a record there twice.
      const producer = this.kafka.producer({ allowAutoTopicCreation: false, idempotent: true, maxInFlightRequests: 1 });
      this.#producer = producer.connect().then(() => producer);
      this.#producer.catch(() => {
        this.#producer = null;
      });
    }
    return this.#producer;
  }
}

const stored = ({ offset, key, value, headers, timestamp }: KafkaMessage): StoredRecord => ({
  offset: Number(offset),
  key,
  value,
  headers: headers ?? {},
  timestamp: Number(timestamp),
});

/** Requests of a bounded size, whatever the size of the batches that were read. */
function* slices(records: readonly StoredRecord[]): Generator<StoredRecord[]> {
  let some: StoredRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = (record.key?.length ?? 0) + (record.value?.length ?? 0);
    if (some.length > 0 && (bytes + size > APPEND_BYTES_MAX || some.length === APPEND_RECORDS_MAX)) {
      yield some;
      some = [];
      bytes = 0;
    }
    some.push(record);
    bytes += size;
  }
  if (some.length > 0) yield some;
}
