/** DescribeConfigs, AlterConfigs, IncrementalAlterConfigs (APIs 32, 33, 44). */
import { errorMessage, isFieldlineError } from '@/lib/errors';
import { DEFAULT_TOPIC_CONFIG, mergeTopicConfig } from '../../log/config';
import type { TopicConfig } from '../../log/types';
import {
  CONFIG_OPERATION,
  CONFIG_SOURCE,
  KAFKA_ERROR,
  RESOURCE_TYPE,
  type RequestOf,
  type ResponseInput,
} from '../codec';
import type { Door } from '../door';
import { BATCH_BYTES_MAX } from '../server/limits';
import { type ConfigChange, type TopicConfigEntry, topicConfigEntries, topicConfigFrom } from './topic-config';

/** An edge that knows only the Kafka address finds the REST door by this entry of the broker's configuration. */
const REST_ADDRESS_ENTRY = 'fieldline.rest.address';

type Resource = RequestOf<'DescribeConfigs'>['resources'][number];
type Described = ResponseInput<'DescribeConfigs'>['results'][number];

export function describeConfigs(door: Door, request: RequestOf<'DescribeConfigs'>): ResponseInput<'DescribeConfigs'> {
  return { throttleTimeMs: 0, results: request.resources.map((resource) => describe(door, resource)) };
}

function describe(door: Door, { resourceType, resourceName, configurationKeys }: Resource): Described {
  const about = { resourceType, resourceName };
  const refuse = (errorCode: number, message: string): Described => ({
    ...about,
    errorCode,
    errorMessage: message,
    configs: [],
  });
  const isTopic = resourceType === RESOURCE_TYPE.topic;
  let entries: TopicConfigEntry[];
  if (isTopic) {
    const topic = door.store.get(resourceName);
    if (!topic) return refuse(KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION, `There is no topic ${resourceName}`);
    entries = topicConfigEntries(topic);
  } else if (resourceType === RESOURCE_TYPE.broker) {
    if (resourceName !== '' && resourceName !== String(door.nodeId))
      return refuse(KAFKA_ERROR.INVALID_REQUEST, `The only broker is ${door.nodeId}`);
    entries = brokerEntries(door);
  } else {
    return refuse(KAFKA_ERROR.INVALID_REQUEST, 'Only topics and brokers have a configuration here');
  }
  const ownSource = isTopic ? CONFIG_SOURCE.topic : CONFIG_SOURCE.staticBroker;
  const configs = entries
    .filter(
      ({ name }) => configurationKeys === null || configurationKeys.length === 0 || configurationKeys.includes(name),
    )
    .map((entry) => ({
      ...entry,
      configSource: entry.isDefault ? CONFIG_SOURCE.default : ownSource,
      isSensitive: false,
    }));
  return { ...about, errorCode: KAFKA_ERROR.NONE, errorMessage: null, configs };
}

function brokerEntries(door: Door): TopicConfigEntry[] {
  const values: Record<string, string> = {
    'auto.create.topics.enable': 'true',
    'broker.id': String(door.nodeId),
    'default.replication.factor': '1',
    'log.retention.bytes': String(DEFAULT_TOPIC_CONFIG.retentionBytes),
    'log.retention.ms': String(DEFAULT_TOPIC_CONFIG.retentionMs),
    'log.segment.bytes': String(DEFAULT_TOPIC_CONFIG.segmentBytes),
    'message.max.bytes': String(BATCH_BYTES_MAX),
    'num.partitions': '1',
    ...(door.restAddress !== null && { [REST_ADDRESS_ENTRY]: door.restAddress }),
  };
  return Object.entries(values).map(([name, value]) => ({
    name,
    value,
    readOnly: true,
    isDefault: name !== REST_ADDRESS_ENTRY,
  }));
}

/** Replaces a topic's whole configuration: what is not named goes back to its default. */
export async function alterConfigs(
  door: Door,
  request: RequestOf<'AlterConfigs'>,
): Promise<ResponseInput<'AlterConfigs'>> {
  const results = request.resources.map((resource) =>
    alter(door, resource, request.validateOnly, () => ({ base: DEFAULT_TOPIC_CONFIG, changes: resource.configs })),
  );
  return { throttleTimeMs: 0, results: await Promise.all(results) };
}

/** Changes only what is named (KIP-339). */
export async function incrementalAlterConfigs(
  door: Door,
  request: RequestOf<'IncrementalAlterConfigs'>,
): Promise<ResponseInput<'IncrementalAlterConfigs'>> {
  const results = request.resources.map((resource) =>
    alter(door, resource, request.validateOnly, (present) => {
      const changes = resource.configs.map(({ name, operation, value }) => ({
        name,
        value: operation === CONFIG_OPERATION.delete ? null : value,
      }));
      const isListOperation = resource.configs.some(({ operation }) => operation > CONFIG_OPERATION.delete);
      return isListOperation ? 'None of the settings here is a list' : { base: present, changes };
    }),
  );
  return { throttleTimeMs: 0, results: await Promise.all(results) };
}

async function alter(
  door: Door,
  { resourceType, resourceName }: { resourceType: number; resourceName: string },
  validateOnly: boolean,
  plan: (present: TopicConfig) => { base: TopicConfig; changes: readonly ConfigChange[] } | string,
): Promise<ResponseInput<'AlterConfigs'>['results'][number]> {
  const outcome = (errorCode: number, message: string | null) => {
    return { errorCode, errorMessage: message, resourceType, resourceName };
  };
  if (resourceType !== RESOURCE_TYPE.topic)
    return outcome(KAFKA_ERROR.INVALID_REQUEST, 'Only the configuration of topics can be changed over Kafka');
  const topic = door.store.get(resourceName);
  if (!topic) return outcome(KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION, `There is no topic ${resourceName}`);
  const planned = plan(topic.config);
  if (typeof planned === 'string') return outcome(KAFKA_ERROR.INVALID_CONFIG, planned);
  const { config, problem } = topicConfigFrom(planned.changes);
  if (problem !== null) return outcome(KAFKA_ERROR.INVALID_CONFIG, problem);
  try {
    const merged = mergeTopicConfig(planned.base, config);
    if (!validateOnly) await door.store.setConfig(resourceName, merged);
    return outcome(KAFKA_ERROR.NONE, null);
  } catch (error) {
    const isInvalid = isFieldlineError(error, 'REQUEST_INVALID');
    return outcome(isInvalid ? KAFKA_ERROR.INVALID_CONFIG : KAFKA_ERROR.KAFKA_STORAGE_ERROR, errorMessage(error));
  }
}
