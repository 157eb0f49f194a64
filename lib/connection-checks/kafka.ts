import { randomUUID } from 'node:crypto';
import { createKafkaClient, type KafkaClientOptions } from '../drivers/kafka/client';
import { kafkaFailure } from '../drivers/kafka/errors';
import { kafkaTopic } from '../drivers/kafka/naming';
import { type Address, addressText } from '../net/address';
import { CheckFailure } from './reasons';
import { firstAnswer, foreignService, type TlsTrust } from './transport';

const CORRELATION_ID = 7;

/** ApiVersions v0 (key 18), which every broker answers, before SASL too. */
export function apiVersionsRequest(): Buffer {
  const client = Buffer.from('fieldline');
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(18, 4);
  request.writeInt16BE(0, 6);
  request.writeInt32BE(CORRELATION_ID, 8);
  request.writeInt16BE(client.length, 12);
  client.copy(request, 14);
  return request;
}

export const isApiVersionsAnswer = (answer: Buffer) => answer.length >= 8 && answer.readInt32BE(4) === CORRELATION_ID;

async function checkBroker(at: Address, tls: TlsTrust | undefined): Promise<void> {
  const answer = await firstAnswer(at, apiVersionsRequest(), { tls, service: 'a Kafka broker' });
  const foreign = foreignService(answer);
  if (foreign)
    throw new CheckFailure('wrong-service', `${addressText(at)} is ${foreign}, not a Kafka broker`, 'Check the port');
  if (!isApiVersionsAnswer(answer))
    throw new CheckFailure(
      'wrong-service',
      `${addressText(at)} does not answer as a Kafka broker does`,
      'Check the port',
    );
}

/**
 * The streams door: that one of the brokers is one, accepts the credentials, and would make a topic of this mission (`readOnly`: tells of
 * its topics). Changes nothing.
 * Fails with a CheckFailure, or as the driver does.
 */
export async function checkKafka(
  options: KafkaClientOptions & { mission: string; replicationFactor?: number },
  tls: TlsTrust | undefined,
  { readOnly = false }: { readOnly?: boolean } = {},
): Promise<void> {
  const failures: unknown[] = [];
  const usable: string[] = [];
  for (const broker of options.brokers) {
    try {
      const { hostname, port } = new URL(`tcp://${broker}`);
      await checkBroker({ host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }, tls);
      usable.push(broker);
    } catch (error) {
      failures.push(error);
    }
  }
  // One that answers tells of the others.
  if (usable.length === 0) throw failures[0];
  const admin = createKafkaClient({ ...options, brokers: usable }).admin({ retry: { retries: 1 } });
  try {
    await admin.connect();
    if (readOnly) {
      await admin.listTopics();
      return;
    }
    await admin.createTopics({
      validateOnly: true,
      waitForLeaders: false,
      topics: [
        {
          topic: kafkaTopic(options.mission, { stream: 'pipeline', topic: `CHECK-${randomUUID()}` }),
          numPartitions: 1,
          ...(options.replicationFactor && { replicationFactor: options.replicationFactor }),
        },
      ],
    });
  } catch (error) {
    const text = topicErrorOf(error);
    if (text === 'INVALID_REPLICATION_FACTOR')
      throw new CheckFailure(
        'failed',
        'There are fewer brokers than the replication factor',
        'Lower the replication factor',
      );
    if (text?.endsWith('AUTHORIZATION_FAILED') || text === 'POLICY_VIOLATION')
      throw new CheckFailure(
        'not-authorised',
        'Kafka does not let this user make the topics of the mission',
        `Allow it to create, read, write and delete topics that begin with "${options.mission}."`,
      );
    throw kafkaFailure(error, 'Asking the brokers');
  } finally {
    await admin.disconnect();
  }
}

/** kafkajs gathers what it is told of single topics. */
function topicErrorOf(error: unknown): string | undefined {
  const { errors, type } = error as { type?: string; errors?: { type?: string }[] };
  return errors?.[0]?.type ?? type;
}
