/** ListOffsets, OffsetForLeaderEpoch, DeleteRecords, InitProducerId (APIs 2, 23, 21, 22). */
import { errorMessage, isFieldlineError } from '@/lib/errors';
import { LEADER_EPOCH } from '../../log/append-plan';
import type { Partition } from '../../log/partition';
import type { TimedOffset } from '../../log/reader';
import { KAFKA_ERROR, type RequestOf, type ResponseInput } from '../codec';
import type { Door } from '../door';
import { checkLeaderEpoch } from './leader-epoch';

/** Special times of ListOffsets. */
const LATEST = -1;
const EARLIEST = -2;
/** From KIP-734; no version we offer has it, but it costs nothing to understand. */
const MAX_TIMESTAMP = -3;
const NOT_FOUND: TimedOffset = { offset: -1, timestamp: -1 };

export async function listOffsets(
  door: Door,
  request: RequestOf<'ListOffsets'>,
): Promise<ResponseInput<'ListOffsets'>> {
  const topics = request.topics.map(async ({ name, partitions }) => ({
    name,
    partitions: await Promise.all(
      partitions.map(async ({ index, timestamp, currentLeaderEpoch }) => {
        const partition = door.store.partition(name, index);
        if (!partition) return { index, errorCode: KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION };
        const epochError = checkLeaderEpoch(currentLeaderEpoch);
        if (epochError !== KAFKA_ERROR.NONE) return { index, errorCode: epochError };
        try {
          const found = await offsetAt(partition, timestamp);
          return {
            index,
            errorCode: KAFKA_ERROR.NONE,
            oldStyleOffsets: found.offset < 0 ? [] : [found.offset],
            leaderEpoch: LEADER_EPOCH,
            ...found,
          };
        } catch (error) {
          door.log.error('A partition could not be searched', {
            topic: name,
            partition: index,
            error: errorMessage(error),
          });
          return { index, errorCode: KAFKA_ERROR.KAFKA_STORAGE_ERROR };
        }
      }),
    ),
  }));
  return { topics: await Promise.all(topics) };
}

async function offsetAt(partition: Partition, timestamp: number): Promise<TimedOffset> {
  if (timestamp === LATEST) return { offset: partition.highWatermark, timestamp: -1 };
  if (timestamp === EARLIEST) return { offset: partition.logStart, timestamp: -1 };
  if (timestamp === MAX_TIMESTAMP) return (await partition.latestTimed()) ?? NOT_FOUND;
  return (await partition.offsetForTime(timestamp)) ?? NOT_FOUND;
}

/** Where an epoch ended. There is one epoch, which ends at the end of the log. */
export function offsetForLeaderEpoch(
  door: Door,
  request: RequestOf<'OffsetForLeaderEpoch'>,
): ResponseInput<'OffsetForLeaderEpoch'> {
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ index, currentLeaderEpoch, leaderEpoch }) => {
      const partition = door.store.partition(name, index);
      const errorCode = partition ? checkLeaderEpoch(currentLeaderEpoch) : KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION;
      if (!partition || errorCode !== KAFKA_ERROR.NONE) return { errorCode, index, endOffset: -1 };
      return leaderEpoch === LEADER_EPOCH
        ? { errorCode, index, leaderEpoch: LEADER_EPOCH, endOffset: partition.highWatermark }
        : { errorCode, index, leaderEpoch: -1, endOffset: -1 };
    }),
  }));
  return { topics };
}

export async function deleteRecords(
  door: Door,
  request: RequestOf<'DeleteRecords'>,
): Promise<ResponseInput<'DeleteRecords'>> {
  const deleteOne = async (topic: string, index: number, offset: number) => {
    const refuse = (errorCode: number) => ({ index, lowWatermark: -1, errorCode });
    const partition = door.store.partition(topic, index);
    if (!partition) return refuse(KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    try {
      return { index, lowWatermark: await partition.deleteRecordsBefore(offset), errorCode: KAFKA_ERROR.NONE };
    } catch (error) {
      if (isFieldlineError(error, 'REQUEST_INVALID')) return refuse(KAFKA_ERROR.OFFSET_OUT_OF_RANGE);
      door.log.error('Records could not be deleted', { topic, partition: index, error: errorMessage(error) });
      return refuse(KAFKA_ERROR.KAFKA_STORAGE_ERROR);
    }
  };
  const topics = request.topics.map(async ({ name, partitions }) => ({
    name,
    partitions: await Promise.all(partitions.map(({ index, offset }) => deleteOne(name, index, offset))),
  }));
  return { throttleTimeMs: 0, topics: await Promise.all(topics) };
}

export async function initProducerId(
  door: Door,
  request: RequestOf<'InitProducerId'>,
): Promise<ResponseInput<'InitProducerId'>> {
  const refuse = (errorCode: number) => ({ throttleTimeMs: 0, errorCode, producerId: -1, producerEpoch: -1 });
  // Clients take this code as final, and tell their user; others they would try again for ever.
  if (request.transactionalId !== null) return refuse(KAFKA_ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  try {
    return { ...refuse(KAFKA_ERROR.NONE), producerId: await door.producerIds.take(), producerEpoch: 0 };
  } catch (error) {
    door.log.error('No producer id could be reserved', { error: errorMessage(error) });
    // A full disk is worth another try.
    return refuse(KAFKA_ERROR.COORDINATOR_NOT_AVAILABLE);
  }
}
