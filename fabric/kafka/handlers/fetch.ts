/** Fetch (API 1): reads from several partitions; waits until there is enough or the time is up (long poll). */

import { isFieldlineError } from '@/lib/errors';
import type { Partition } from '../../log/partition';
import { KAFKA_ERROR, type RequestOf, type ResponseInput } from '../codec';
import type { Door, RequestContext } from '../door';
import { FETCH_RESPONSE_BYTES_MAX, FETCH_WAIT_MS_MAX } from '../server/limits';
import { checkLeaderEpoch } from './leader-epoch';

/** Earlier versions take only message formats before record batches, which we do not make. */
const VERSION_WITH_BATCHES = 4;

type PartitionRequest = RequestOf<'Fetch'>['topics'][number]['partitions'][number];
type PartitionAnswer = ResponseInput<'Fetch'>['topics'][number]['partitions'][number];

interface Wanted extends PartitionRequest {
  topic: string;
  partition: Partition | undefined;
}

export async function fetch(
  door: Door,
  request: RequestOf<'Fetch'>,
  context: RequestContext,
): Promise<ResponseInput<'Fetch'>> {
  // We keep no fetch sessions (KIP-227): session id 0 in the answer tells the client to send everything each time.
  if (request.sessionId !== 0) return { errorCode: KAFKA_ERROR.FETCH_SESSION_ID_NOT_FOUND, topics: [] };
  const wanted = request.topics.flatMap(({ name, partitions }) =>
    partitions.map((partition): Wanted => {
      return { ...partition, topic: name, partition: door.store.partition(name, partition.index) };
    }),
  );
  const minBytes = Math.min(request.minBytes, request.maxBytes, FETCH_RESPONSE_BYTES_MAX);
  await enoughToAnswer(wanted, minBytes, Math.min(request.maxWaitMs, FETCH_WAIT_MS_MAX), context);

  let remainingBytes = Math.min(request.maxBytes, FETCH_RESPONSE_BYTES_MAX);
  let isEmpty = true;
  const topics: { name: string; partitions: PartitionAnswer[] }[] = [];
  for (const one of wanted) {
    const answer = await readPartition(door, one, context, isEmpty ? Math.max(remainingBytes, 1) : remainingBytes);
    const bytes = Buffer.isBuffer(answer.records) ? answer.records.length : 0;
    remainingBytes = Math.max(0, remainingBytes - bytes);
    isEmpty &&= bytes === 0;
    const last = topics.at(-1);
    if (last?.name === one.topic) last.partitions.push(answer);
    else topics.push({ name: one.topic, partitions: [answer] });
  }
  return { topics };
}

/** What stands in the way of reading; NONE when nothing does. */
function refusalOf(door: Door, one: Wanted, apiVersion: number): number {
  // By name again: the topic may have been deleted, or made anew, while the request waited.
  if (!one.partition || door.store.partition(one.topic, one.index) !== one.partition)
    return KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION;
  if (apiVersion < VERSION_WITH_BATCHES) return KAFKA_ERROR.UNSUPPORTED_FOR_MESSAGE_FORMAT;
  const { logStart, highWatermark } = one.partition;
  if (one.fetchOffset < logStart || one.fetchOffset > highWatermark) return KAFKA_ERROR.OFFSET_OUT_OF_RANGE;
  return checkLeaderEpoch(one.currentLeaderEpoch);
}

/** Resolves when at least `minBytes` can be read, something is wrong anyway, the time is up, or nobody listens any more. */
function enoughToAnswer(
  wanted: readonly Wanted[],
  minBytes: number,
  maxWaitMs: number,
  { signal }: RequestContext,
): Promise<void> {
  const isEnough = () => {
    let bytes = 0;
    for (const { partition, fetchOffset, partitionMaxBytes } of wanted) {
      if (!partition || fetchOffset < partition.logStart || fetchOffset > partition.highWatermark) return true;
      if (fetchOffset < partition.highWatermark)
        bytes += Math.max(1, Math.min(partition.bytesFrom(fetchOffset), partitionMaxBytes));
    }
    return bytes >= minBytes;
  };
  if (maxWaitMs <= 0 || signal.aborted || isEnough()) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      for (const unsubscribe of subscriptions) unsubscribe();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, maxWaitMs);
    const subscriptions = wanted.map(({ partition }) =>
      partition!.onAdvance(() => {
        if (partition!.isRetired || isEnough()) finish();
      }),
    );
    signal.addEventListener('abort', finish);
  });
}

async function readPartition(
  door: Door,
  one: Wanted,
  { apiVersion, read }: RequestContext,
  maxBytes: number,
): Promise<PartitionAnswer> {
  const refuse = (errorCode: number): PartitionAnswer => ({
    index: one.index,
    errorCode,
    highWatermark: one.partition?.highWatermark ?? -1,
    logStartOffset: one.partition?.logStart ?? -1,
    records: null,
  });
  const refusal = refusalOf(door, one, apiVersion);
  if (refusal !== KAFKA_ERROR.NONE) return refuse(refusal);
  const partition = one.partition!;
  const highWatermark = partition.highWatermark;
  try {
    const records =
      maxBytes > 0 && one.fetchOffset < highWatermark
        ? await read(partition, one.fetchOffset, Math.min(maxBytes, Math.max(0, one.partitionMaxBytes)))
        : Buffer.alloc(0);
    return {
      index: one.index,
      errorCode: KAFKA_ERROR.NONE,
      // Re-read: it may have moved on while reading, and must cover what is sent.
      highWatermark: partition.highWatermark,
      lastStableOffset: partition.highWatermark,
      logStartOffset: partition.logStart,
      records,
    };
  } catch (error) {
    if (isFieldlineError(error, 'REQUEST_INVALID')) return refuse(KAFKA_ERROR.OFFSET_OUT_OF_RANGE);
    // The log has said so, once.
    if (isFieldlineError(error, 'DATA_DAMAGED')) return refuse(KAFKA_ERROR.CORRUPT_MESSAGE);
    door.log.error('A partition could not be read', { topic: one.topic, partition: one.index, error: String(error) });
    return refuse(KAFKA_ERROR.KAFKA_STORAGE_ERROR);
  }
}
