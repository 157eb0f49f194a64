/** Produce (API 0): checks what a client sends and appends it. */
import { errorMessage, FieldlineError } from '@/lib/errors';
import { KAFKA_ERROR, type RequestOf, type ResponseInput } from '../codec';
import type { Door, RequestContext } from '../door';
import { type Batch, parseBatches } from '../record-batch';
import { BATCH_BYTES_MAX } from '../server/limits';
import { kafkaErrorOf } from './errors';

/** Earlier versions carry message formats before record batches. */
const VERSION_WITH_BATCHES = 3;
const MAGIC_AT = 16;
const MAGIC_V2 = 2;
const ACKS_NONE = 0;

type PartitionAnswer = ResponseInput<'Produce'>['topics'][number]['partitions'][number];

interface Refusal {
  errorCode: number;
  errorMessage: string;
}

export async function produce(
  door: Door,
  request: RequestOf<'Produce'>,
  context: RequestContext,
): Promise<ResponseInput<'Produce'> | null> {
  const topics = await Promise.all(
    request.topics.map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(
        partitions.map(({ index, records }) =>
          producePartition(door, request, context.apiVersion, { name, index, records }),
        ),
      ),
    })),
  );
  if (request.acks !== ACKS_NONE) return { topics };
  const failed = topics.flatMap((topic) => topic.partitions).find(({ errorCode }) => errorCode !== KAFKA_ERROR.NONE);
  // There is no answer to carry the error: closing the connection is how a broker tells such a producer to look again.
  if (failed)
    throw new FieldlineError(
      'PROTOCOL',
      `A record sent without wish for an answer was refused: ${failed.errorMessage}`,
    );
  return null;
}

async function producePartition(
  door: Door,
  request: RequestOf<'Produce'>,
  apiVersion: number,
  { name, index, records }: { name: string; index: number; records: Buffer | null },
): Promise<PartitionAnswer> {
  const refuse = ({ errorCode, errorMessage: message }: Refusal): PartitionAnswer => {
    return { index, errorCode, baseOffset: -1, errorMessage: message };
  };
  const partition = door.store.partition(name, index);
  const refusal = checkRequest(door, request, apiVersion, name, records);
  if (refusal) return refuse(refusal);
  if (!partition)
    return refuse({ errorCode: KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: `There is no ${name}/${index}` });
  try {
    const batches = parseBatches(records!);
    const bad = checkBatches(batches);
    if (bad) return refuse(bad);
    const { baseOffset } = await partition.append(batches);
    return { index, errorCode: KAFKA_ERROR.NONE, baseOffset, logStartOffset: partition.logStart };
  } catch (error) {
    return refuse({ errorCode: kafkaErrorOf(error), errorMessage: errorMessage(error) });
  }
}

function checkRequest(
  door: Door,
  { acks, transactionalId }: RequestOf<'Produce'>,
  apiVersion: number,
  topic: string,
  records: Buffer | null,
): Refusal | null {
  if (acks < -1 || acks > 1)
    return { errorCode: KAFKA_ERROR.INVALID_REQUIRED_ACKS, errorMessage: `acks=${acks} is not 0, 1 or -1` };
  if (transactionalId !== null)
    return {
      errorCode: KAFKA_ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      errorMessage: 'This fabric has no transactions',
    };
  if (door.store.get(topic)?.replica)
    return {
      errorCode: KAFKA_ERROR.TOPIC_AUTHORIZATION_FAILED,
      errorMessage: `${topic} is a replica: only its link writes it. Produce at the site it comes from`,
    };
  if (door.isHeld(topic))
    return {
      errorCode: KAFKA_ERROR.NOT_ENOUGH_REPLICAS,
      errorMessage: `${topic} waits for its records at HQ: this site was restored from a copy, or was on another fabric`,
    };
  const isOldFormat = records !== null && records.length > MAGIC_AT && records[MAGIC_AT]! < MAGIC_V2;
  if (apiVersion < VERSION_WITH_BATCHES || isOldFormat)
    return {
      errorCode: KAFKA_ERROR.UNSUPPORTED_FOR_MESSAGE_FORMAT,
      errorMessage: 'Only record batches of format v2 are taken: use a client of Kafka 0.11 or later',
    };
  if (records === null || records.length === 0)
    return { errorCode: KAFKA_ERROR.INVALID_RECORD, errorMessage: 'There is no record batch' };
  return null;
}

function checkBatches(batches: readonly Batch[]): Refusal | null {
  for (const { header } of batches) {
    if (header.sizeBytes > BATCH_BYTES_MAX)
      return {
        errorCode: KAFKA_ERROR.MESSAGE_TOO_LARGE,
        errorMessage: `A batch of ${header.sizeBytes} bytes is larger than ${BATCH_BYTES_MAX}`,
      };
    const isDense = header.recordCount === header.lastOffset - header.baseOffset + 1;
    if (!isDense || header.control || header.transactional || header.compression === undefined)
      return { errorCode: KAFKA_ERROR.INVALID_RECORD, errorMessage: 'A batch like this is not for producers to send' };
  }
  return null;
}
