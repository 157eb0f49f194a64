/**
 * The Kafka REST door: the API of Confluent's REST proxy, version 2 ("REST Proxy API reference"), as an HPE Data Fabric cluster has it too
 * (HPE documentation "Kafka REST Proxy"). Consumer groups are those of the Kafka door: the same offsets, members of both kinds together.
 */
import { type Clock, systemClock } from '@/lib/clock/clock';
import type { RestRequest, RestRouter } from '../http/router';
import type { Door } from '../kafka/door';
import { ConsumerRegistry } from './consumers/registry';
import { registerConsumerRoutes } from './consumers/routes';
import { refusal } from './errors';
import { formatOfBody } from './formats';
import { topicNamed } from './names';
import { produceRecords } from './produce';
import { sendAnswer } from './send';
import { describeOffsets, describePartition, describePartitions, describeTopic } from './topics';

export { sendKafkaRestError } from './errors';

export interface KafkaRestDoorParts {
  /** The inside of the Kafka door. */
  broker: Door;
  siteId: string;
  clock?: Clock;
}

export interface KafkaRestDoor {
  /** Ends every consumer instance: close before the Kafka door. */
  close(): Promise<void>;
}

/** Registers the door; its errors are worded by `sendKafkaRestError`, which the router has to be given. */
export function registerKafkaRestDoor(router: RestRouter, parts: KafkaRestDoorParts): KafkaRestDoor {
  const { broker, siteId, clock = systemClock } = parts;
  const TOPIC = '/topics/:topic';
  const PARTITION = `${TOPIC}/partitions/:partition`;
  const topicOf = ({ params }: RestRequest) => topicNamed(params.topic!, siteId);

  router.on('GET', '/topics', (_request, response) =>
    sendAnswer(
      response,
      broker.store.list().map(({ name }) => name),
    ),
  );
  const get = (path: string, describe: (request: RestRequest) => unknown) =>
    router.on('GET', path, (request, response) => sendAnswer(response, describe(request)));
  get(TOPIC, (request) => describeTopic(broker, topicOf(request)));
  get(`${TOPIC}/partitions`, (request) => describePartitions(broker, topicOf(request)));
  get(PARTITION, (request) => describePartition(broker, topicOf(request), partitionOf(request)));
  get(`${PARTITION}/offsets`, (request) => describeOffsets(broker, topicOf(request), partitionOf(request)));

  for (const path of [TOPIC, PARTITION])
    router.on('POST', path, async (request, response) => {
      const format = formatOfBody(request.raw);
      const partition = request.params.partition === undefined ? null : partitionOf(request);
      const topic = topicOf(request);
      sendAnswer(response, await produceRecords(broker, topic, format, await request.json(), partition, clock.now()));
    });

  const registry = new ConsumerRegistry(broker, clock);
  registerConsumerRoutes(router, registry, siteId);
  return { close: () => registry.close() };
}

function partitionOf({ params }: RestRequest): number {
  if (/^\d{1,9}$/.test(params.partition!)) return Number(params.partition);
  throw refusal('partitionNotFound', `"${params.partition}" is no partition`);
}
