/** A link to a real Apache Kafka that lets an edge do what docs/mixed-mission.md says that it needs, and nothing else. */
import { type Admin, Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseBatches } from '@/fabric/kafka/record-batch';
import { ACCESS_LISTS, AclOperationTypes, AclResourceTypes, accessList } from '@/scripts/engines/access-lists';
import { startKafka } from '@/scripts/engines/kafka.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { linkGroup } from './telemetry';
import { batchOf, Edge, makeDirectory, PREFIX } from './testing/sites';

const USER = { username: 'alpha', password: 'correct horse' };
const INBOUND = ['ASSET_BROADCAST', 'ASSET_RESPONSE'];
const OUTBOUND = ['ASSET_REQUEST.alpha', 'ASSET_RECEIPT.alpha'];
const WAIT = { timeout: 60_000, interval: 100 };
const quiet = () => () => undefined;
const { READ, WRITE, CREATE, DESCRIBE, IDEMPOTENT_WRITE } = AclOperationTypes;

describe.skipIf(!engine('kafka').home)('an edge at an Apache Kafka with access lists', () => {
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let admin: Admin;
  let edge: Edge;
  let directory: Awaited<ReturnType<typeof makeDirectory>>;
  const open = (extra = {}) => new Kafka({ brokers: kafka.brokers, clientId: 'test', logCreator: quiet, ...extra });

  const allow = (type: AclResourceTypes, name: string, ...operations: AclOperationTypes[]) =>
    accessList(USER.username, type, name, operations);
  const topics = (names: string[], ...operations: AclOperationTypes[]) =>
    names.flatMap((name) => allow(AclResourceTypes.TOPIC, `${PREFIX}${name}`, ...operations));
  const end = async (topic: string) => Number((await admin.fetchTopicOffsets(topic))[0]!.high);

  beforeAll(async () => {
    kafka = await startKafka({ users: [USER], settings: ACCESS_LISTS });
    admin = open().admin();
    await admin.connect();
    await admin.createTopics({ topics: INBOUND.map((name) => ({ topic: `${PREFIX}${name}`, numPartitions: 1 })) });
    await admin.createAcls({
      acl: [
        ...topics(INBOUND, DESCRIBE, READ),
        ...topics(OUTBOUND, DESCRIBE, CREATE, READ),
        ...allow(AclResourceTypes.GROUP, linkGroup('alpha'), READ),
        ...allow(AclResourceTypes.CLUSTER, 'kafka-cluster', IDEMPOTENT_WRITE),
      ],
    });
    directory = await makeDirectory();
    edge = await new Edge('alpha', directory.directory, () => kafka.saslBroker!, {
      sasl: { mechanism: 'scram-sha-512', ...USER },
    }).start();
    for (const name of OUTBOUND) await edge.store.create(`${PREFIX}${name}`, { partitions: 1 });
    await edge.declare({ inbound: INBOUND, outbound: OUTBOUND });
  }, 120_000);
  afterAll(async () => {
    await edge?.stop();
    await directory?.remove();
    await admin?.disconnect();
    await kafka?.stop();
  });

  it('says which topic it may not write, and brings what it may read', async () => {
    const producer = open().producer();
    await producer.connect();
    await producer.send({ topic: `${PREFIX}ASSET_BROADCAST`, messages: [{ key: 'k', value: 'one' }] });
    await producer.disconnect();
    await vi.waitFor(() => expect(edge.store.partition(`${PREFIX}ASSET_BROADCAST`, 0)?.highWatermark).toBe(1), WAIT);
    await edge.store.partition(`${PREFIX}ASSET_REQUEST.alpha`, 0)!.append(parseBatches(batchOf(['a'])));
    await vi.waitFor(
      async () => expect((await edge.status()).outbound.lastError).toMatch(/TOPIC_AUTHORIZATION_FAILED/),
      WAIT,
    );
  });

  it('carries both ways and tells HQ how it is, once it may', async () => {
    await admin.createAcls({ acl: topics(OUTBOUND, WRITE) });
    await vi.waitFor(async () => expect(await end(`${PREFIX}ASSET_REQUEST.alpha`)).toBe(1), WAIT);
    await vi.waitFor(async () => {
      const { inbound, outbound } = await edge.status();
      expect([inbound.state, outbound.state]).toEqual(['up', 'up']);
      const committed = await admin.fetchOffsets({ groupId: linkGroup('alpha'), topics: [`${PREFIX}ASSET_BROADCAST`] });
      expect(committed[0]!.partitions[0]).toMatchObject({ offset: '1' });
    }, WAIT);
  });

  it('can not write what is not its own', async () => {
    const sasl = { mechanism: 'scram-sha-512' as const, ...USER };
    const theirs = open({ brokers: [kafka.saslBroker!], sasl, retry: { retries: 0 } }).producer();
    await theirs.connect();
    const refused = theirs.send({ topic: `${PREFIX}ASSET_BROADCAST`, messages: [{ value: 'x' }] });
    await expect(refused).rejects.toThrow(/authoriz/i);
    await theirs.disconnect();
    expect(await end(`${PREFIX}ASSET_BROADCAST`)).toBe(1);
  });
});
