/** Metadata, ApiVersions, FindCoordinator (APIs 3, 18, 10). */
import { errorMessage, isFieldlineError } from '@/lib/errors';
import { LEADER_EPOCH } from '../../log/append-plan';
import { APIS, KAFKA_ERROR, type RequestOf, type ResponseInput } from '../codec';
import type { Door, RequestContext } from '../door';

type TopicAnswer = ResponseInput<'Metadata'>['topics'][number];
/** Of topics that a client's metadata request creates. */
const AUTO_CREATED_PARTITIONS = 1;

export async function metadata(
  door: Door,
  request: RequestOf<'Metadata'>,
  context: RequestContext,
): Promise<ResponseInput<'Metadata'>> {
  const names = request.topics?.map(({ name }) => name) ?? [];
  const wantsAll = request.topics === null || (context.apiVersion === 0 && names.length === 0);
  const wanted = wantsAll ? door.store.list().map(({ name }) => name) : [...new Set(names)];
  const topics: TopicAnswer[] = [];
  for (const name of wanted) topics.push(await topicAnswer(door, name, !wantsAll && request.allowAutoTopicCreation));
  return {
    brokers: [{ nodeId: door.nodeId, host: door.advertisedHost, port: door.advertisedPort }],
    clusterId: door.clusterId,
    controllerId: door.nodeId,
    topics,
  };
}

async function topicAnswer(door: Door, name: string, mayCreate: boolean): Promise<TopicAnswer> {
  if (mayCreate && !door.store.get(name)) {
    const errorCode = await createQuietly(door, name);
    if (errorCode !== KAFKA_ERROR.NONE) return { errorCode, name, partitions: [] };
  }
  const topic = door.store.get(name);
  if (!topic) return { errorCode: KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION, name, partitions: [] };
  const nodes = [door.nodeId];
  const partitions = Array.from({ length: topic.partitions }, (_, index) => ({
    errorCode: KAFKA_ERROR.NONE,
    index,
    leaderId: door.nodeId,
    leaderEpoch: LEADER_EPOCH,
    replicaNodes: nodes,
    isrNodes: nodes,
  }));
  return { errorCode: KAFKA_ERROR.NONE, name, partitions };
}

/** Creates a topic because somebody asked for it by name. */
async function createQuietly(door: Door, name: string): Promise<number> {
  try {
    await door.store.create(name, { partitions: AUTO_CREATED_PARTITIONS });
    return KAFKA_ERROR.NONE;
  } catch (error) {
    // Another request may have been faster.
    if (isFieldlineError(error, 'CONFLICT')) return KAFKA_ERROR.NONE;
    if (isFieldlineError(error, 'REQUEST_INVALID')) return KAFKA_ERROR.INVALID_TOPIC_EXCEPTION;
    door.log.error('A topic could not be created', { topic: name, error: errorMessage(error) });
    return KAFKA_ERROR.LEADER_NOT_AVAILABLE;
  }
}

/** `errorCode` 35 goes with a version that is not ours: the client then chooses from the list. */
export function apiVersions(errorCode: number = KAFKA_ERROR.NONE): ResponseInput<'ApiVersions'> {
  return {
    errorCode,
    apiKeys: Object.values(APIS).map(({ key, versionMin, versionMax }) => ({
      apiKey: key,
      minVersion: versionMin,
      maxVersion: versionMax,
    })),
  };
}

/** There is one node. Transactional clients are let in here and get their clear refusal at InitProducerId. */
export function findCoordinator(door: Door): ResponseInput<'FindCoordinator'> {
  return { errorCode: KAFKA_ERROR.NONE, nodeId: door.nodeId, host: door.advertisedHost, port: door.advertisedPort };
}
