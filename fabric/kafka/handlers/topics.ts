/** CreateTopics, DeleteTopics, CreatePartitions (APIs 19, 20, 37). */
import { errorMessage, isFieldlineError } from '@/lib/errors';
import { KAFKA_ERROR, type RequestOf, type ResponseInput } from '../codec';
import type { Door } from '../door';
import { type ConfigChange, topicConfigFrom } from './topic-config';

/** "The broker decides", of partitions and replication. */
const BROKER_DEFAULT = -1;
const DEFAULT_PARTITIONS = 1;

interface Outcome {
  errorCode: number;
  errorMessage: string | null;
}
const DONE: Outcome = { errorCode: KAFKA_ERROR.NONE, errorMessage: null };

/** Runs one change; its failure becomes an outcome. `invalidCode` is what a refused value means here. */
async function outcomeOf(door: Door, invalidCode: number, action: () => Promise<void> | void): Promise<Outcome> {
  try {
    await action();
    return DONE;
  } catch (error) {
    const message = errorMessage(error);
    if (isFieldlineError(error, 'CONFLICT'))
      return { errorCode: KAFKA_ERROR.TOPIC_ALREADY_EXISTS, errorMessage: message };
    if (isFieldlineError(error, 'NOT_FOUND'))
      return { errorCode: KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: message };
    if (isFieldlineError(error, 'REQUEST_INVALID')) return { errorCode: invalidCode, errorMessage: message };
    door.log.error('A topic could not be changed', { error: message });
    return { errorCode: KAFKA_ERROR.KAFKA_STORAGE_ERROR, errorMessage: message };
  }
}

export async function createTopics(
  door: Door,
  request: RequestOf<'CreateTopics'>,
): Promise<ResponseInput<'CreateTopics'>> {
  const counts = new Map<string, number>();
  for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1);
  const topics = request.topics.map(async (topic) => {
    const { name } = topic;
    if (counts.get(name)! > 1)
      return { name, errorCode: KAFKA_ERROR.INVALID_REQUEST, errorMessage: 'This topic is in the request twice' };
    const refusal = checkLayout(door, topic);
    if (refusal) return { name, ...refusal };
    const { config, problem } = topicConfigFrom(topic.configs);
    if (problem) return { name, errorCode: KAFKA_ERROR.INVALID_CONFIG, errorMessage: problem };
    const isPartitionProblem = topic.partitionCount !== BROKER_DEFAULT && topic.partitionCount < 1;
    const invalidCode = isPartitionProblem ? KAFKA_ERROR.INVALID_PARTITIONS : KAFKA_ERROR.INVALID_TOPIC_EXCEPTION;
    const options = { partitions: partitionsOf(topic), config };
    const outcome = await outcomeOf(door, invalidCode, async () => {
      door.store.checkCreate(name, options);
      if (!request.validateOnly) await door.store.create(name, options);
    });
    return { name, ...outcome };
  });
  return { topics: await Promise.all(topics) };
}

type NewTopic = RequestOf<'CreateTopics'>['topics'][number] & { configs: ConfigChange[] };

function partitionsOf({ partitionCount, assignments }: NewTopic): number {
  if (assignments.length > 0) return assignments.length;
  return partitionCount === BROKER_DEFAULT ? DEFAULT_PARTITIONS : partitionCount;
}

function checkLayout(door: Door, { replicationFactor, assignments }: NewTopic): Outcome | null {
  if (assignments.length === 0 && replicationFactor !== BROKER_DEFAULT && replicationFactor !== 1)
    return {
      errorCode: KAFKA_ERROR.INVALID_REPLICATION_FACTOR,
      errorMessage: 'This fabric is one node: the replication factor can only be 1',
    };
  const indexes = assignments.map(({ index }) => index).toSorted((a, b) => a - b);
  const isGood =
    indexes.every((index, position) => index === position) &&
    assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === door.nodeId);
  return isGood
    ? null
    : {
        errorCode: KAFKA_ERROR.INVALID_REPLICA_ASSIGNMENT,
        errorMessage: `Partitions count from 0, and each can only be on node ${door.nodeId}`,
      };
}

export async function deleteTopics(
  door: Door,
  request: RequestOf<'DeleteTopics'>,
): Promise<ResponseInput<'DeleteTopics'>> {
  const topics = request.topicNames.map(async (name) => {
    const outcome = await outcomeOf(door, KAFKA_ERROR.INVALID_TOPIC_EXCEPTION, () => door.store.delete(name));
    return { name, errorCode: outcome.errorCode };
  });
  return { topics: await Promise.all(topics) };
}

export async function createPartitions(
  door: Door,
  request: RequestOf<'CreatePartitions'>,
): Promise<ResponseInput<'CreatePartitions'>> {
  const results = request.topics.map(async ({ name, count }) => {
    const outcome = await outcomeOf(door, KAFKA_ERROR.INVALID_PARTITIONS, async () => {
      door.store.checkAddPartitions(name, count);
      if (!request.validateOnly) await door.store.addPartitions(name, count);
    });
    return { name, ...outcome };
  });
  return { throttleTimeMs: 0, results: await Promise.all(results) };
}
