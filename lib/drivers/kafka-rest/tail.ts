import { randomUUID } from 'node:crypto';
import { FieldlineError } from '@/lib/errors';
import type { StreamRecord, TopicRef } from '@/lib/ports';
import { type KafkaRestClient, proxyTopic } from './client';
import { toRecord } from './records';

const TAIL_TIMEOUT_MS = 15_000;
const POLL_TIMEOUT_MS = 1_000;
const POLL_BYTES_MAX = 1024 * 1024;

/** Reads the last records with a consumer of fixed partitions, which lives only as long and commits nothing. */
export async function readTail(
  client: KafkaRestClient,
  mission: string,
  ref: TopicRef,
  partitions: number,
  limit: number,
): Promise<StreamRecord[]> {
  const topic = proxyTopic(mission, ref);
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  const ranges = await Promise.all(
    places.map(async (place) => {
      const { low, high } = await client.offsets(place);
      return { place, from: Math.max(low, high - limit), until: high };
    }),
  );
  const open = new Map(ranges.filter(({ from, until }) => from < until).map((range) => [range.place.partition, range]));
  if (open.size === 0) return [];
  const wanted = [...open.values()];
  const id = randomUUID();
  const consumer = await client.createConsumer(`fieldline-tail-${id}`, id, 'earliest');
  const records: StreamRecord[] = [];
  const signal = AbortSignal.timeout(TAIL_TIMEOUT_MS);
  try {
    await consumer.assign(wanted.map(({ place }) => place));
    for (const { place, from } of wanted) await consumer.seek(place, from);
    while (open.size > 0) {
      if (signal.aborted) throw new FieldlineError('TIMEOUT', `The last records of ${topic} could not be read in time`);
      for (const record of await consumer.poll(POLL_TIMEOUT_MS, POLL_BYTES_MAX, signal)) {
        const range = open.get(record.partition);
        if (!range) continue;
        if (record.offset >= range.from && record.offset < range.until) records.push(toRecord(ref, record, Date.now()));
        if (record.offset >= range.until - 1) open.delete(record.partition);
      }
    }
  } finally {
    // One that can not be told now is ended by the proxy when it has been idle.
    await consumer.remove().catch(() => undefined);
  }
  return records
    .sort((a, b) => a.timestamp - b.timestamp || a.partition - b.partition || Number(a.offset) - Number(b.offset))
    .slice(-limit);
}
