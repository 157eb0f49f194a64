/** Producing: records of one request go into one batch a partition (more where they are large), each acknowledged when fsynced. */
import { z } from 'zod';
import { errorMessage, FieldlineError, isFieldlineError } from '@/lib/errors';
import type { Door } from '../kafka/door';
import { parseBatches } from '../kafka/record-batch';
import { buildBatch, type NewRecord } from '../kafka/records';
import { BATCH_BYTES_MAX } from '../kafka/server/limits';
import { refusal } from './errors';
import { decodeEmbedded, type Format } from './formats';
import type { NamedTopic } from './names';
import { partitionOfKey } from './partitioner';

const BATCH_TARGET_BYTES = 1024 * 1024;
/** Of a record in its batch, beyond key and value: lengths, deltas, the batch's header. */
const RECORD_OVERHEAD_BYTES = 128;
/** Per-record error codes of the v2 API. */
const NOT_RETRIABLE = 1;
const RETRIABLE = 2;

const ProduceSchema = z.object({
  records: z
    .array(
      z.object({
        key: z.unknown().optional(),
        value: z.unknown().optional(),
        partition: z.number().int().nonnegative().nullish(),
      }),
    )
    .min(1),
});

interface Outcome {
  partition: number | null;
  offset: number | null;
  error_code: number | null;
  error: string | null;
}
interface Placed extends NewRecord {
  /** In the request. */
  index: number;
  bytes: number;
}

/** The answer to a produce request; `partition` fixes one for all its records. Fails when nothing of it can be taken. */
export async function produceRecords(
  door: Door,
  topic: NamedTopic,
  format: Format,
  body: unknown,
  partition: number | null,
  now: number,
): Promise<unknown> {
  const parsed = ProduceSchema.safeParse(body);
  if (!parsed.success)
    throw refusal('invalid', `The body has to be {"records":[...]}: ${z.prettifyError(parsed.error)}`);
  const meta = door.store.get(topic.kafka);
  if (!meta) throw refusal('topicNotFound', `There is no topic ${topic.shown}`);
  if (meta.replica)
    throw refusal(
      'topicRefused',
      `${topic.shown} is a replica: only its link writes it. Produce at the site it comes from`,
    );
  if (door.isHeld(topic.kafka))
    throw new FieldlineError(
      'UNAVAILABLE',
      `${topic.shown} waits for its records at HQ: this site was restored, or was on another fabric`,
    );
  if (partition !== null && partition >= meta.partitions)
    throw refusal('partitionNotFound', `${topic.shown} has no partition ${partition}`);

  const { records } = parsed.data;
  const outcomes: Outcome[] = new Array(records.length);
  const byPartition = new Map<number, Placed[]>();
  // Where a request without keys begins does not matter, as long as several requests spread.
  const start = Math.floor(Math.random() * meta.partitions);
  for (const [index, record] of records.entries()) {
    const key = decodeEmbedded(format, record.key);
    const value = decodeEmbedded(format, record.value);
    const wanted = partition ?? record.partition ?? null;
    const target = wanted ?? (key === null ? (start + index) % meta.partitions : partitionOfKey(key, meta.partitions));
    const bytes = (key?.length ?? 0) + (value?.length ?? 0) + RECORD_OVERHEAD_BYTES;
    if (target >= meta.partitions) outcomes[index] = failed(NOT_RETRIABLE, `There is no partition ${target}`);
    else if (bytes > BATCH_BYTES_MAX) outcomes[index] = failed(NOT_RETRIABLE, 'The record is too large');
    else {
      const placed = byPartition.get(target) ?? [];
      byPartition.set(target, placed);
      placed.push({ index, bytes, key, value, timestamp: now });
    }
  }
  await Promise.all([...byPartition].map(([target, placed]) => append(door, topic, target, placed, outcomes)));
  return { offsets: outcomes, key_schema_id: null, value_schema_id: null };
}

/** In order; what follows a batch that failed is not tried, so that there is no hole in the order of a key. */
async function append(
  door: Door,
  topic: NamedTopic,
  partition: number,
  placed: readonly Placed[],
  outcomes: Outcome[],
): Promise<void> {
  let failure: Outcome | null = null;
  for (const records of batchesOf(placed)) {
    if (!failure) {
      try {
        const log = door.store.partition(topic.kafka, partition);
        if (!log) throw refusal('topicNotFound', `There is no topic ${topic.shown} any more`);
        const { baseOffset } = await log.append(parseBatches(buildBatch(records)));
        for (const [position, { index }] of records.entries())
          outcomes[index] = { partition, offset: baseOffset + position, error_code: null, error: null };
        continue;
      } catch (error) {
        const isRetriable = isFieldlineError(error) && error.retriable;
        failure = failed(isRetriable ? RETRIABLE : NOT_RETRIABLE, errorMessage(error));
      }
    }
    for (const { index } of records) outcomes[index] = failure;
  }
}

function batchesOf(placed: readonly Placed[]): Placed[][] {
  const batches: Placed[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of placed) {
    if (bytes + record.bytes > BATCH_TARGET_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)!.push(record);
    bytes += record.bytes;
  }
  return batches;
}

const failed = (code: number, error: string): Outcome => ({ partition: null, offset: null, error_code: code, error });
