/** A mission on an Apache Kafka that lets its user do what docs/fabrics/kafka.md says that it needs, and nothing else. */
import { type Admin, Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkGroup, serviceGroup } from '@/lib/domain/naming';
import type { Streams } from '@/lib/ports';
import { ACCESS_LISTS, AclOperationTypes, AclResourceTypes, accessList } from '@/scripts/engines/access-lists';
import { startKafka } from '@/scripts/engines/kafka.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { createKafkaStreams } from '.';
import { createKafkaCopy } from './copy';

const MISSION = 'missionx';
const USER = { username: 'fieldline', password: 'correct horse' };
const T = { stream: 'replicated', topic: 'T' } as const;
const { CREATE, DELETE, DESCRIBE, READ, WRITE } = AclOperationTypes;
const { TOPIC, GROUP } = AclResourceTypes;
const POLL = { timeout: 60_000 };

describe.skipIf(!engine('kafka').home)('a user with the rights of a mission', () => {
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let admin: Admin;
  let streams: Streams;
  const options = () => ({
    brokers: [kafka.saslBroker!],
    sasl: { mechanism: 'scram-sha-512' as const, ...USER },
    mission: MISSION,
    clientId: 'test',
  });
  const allow = (type: AclResourceTypes, prefix: string, operations: AclOperationTypes[]) =>
    admin.createAcls({ acl: accessList(USER.username, type, prefix, operations, { isPrefix: true }) });

  beforeAll(async () => {
    kafka = await startKafka({ users: [USER], settings: ACCESS_LISTS });
    admin = new Kafka({ brokers: kafka.brokers, logCreator: () => () => undefined }).admin();
    await admin.connect();
    await allow(TOPIC, `${MISSION}.`, [CREATE, DESCRIBE, READ, WRITE]);
    await allow(GROUP, `${MISSION}.`, [READ]);
    await allow(GROUP, 'fieldline-link.', [READ]);
    streams = createKafkaStreams(options());
  });
  afterAll(async () => {
    await streams?.close();
    await admin?.disconnect();
    await kafka?.stop();
  });

  it('makes topics, writes them, reads them in groups and without, and asks what edges have', async () => {
    const group = serviceGroup(MISSION, 'hq', 'downloader');
    const read: string[] = [];
    await streams.ensureTopic(T, { partitions: 1, retentionMs: 1_000_000 });
    await streams.produce(T, [{ key: 'k', value: 'one' }]);
    const handler = async (records: readonly { value: string }[]) =>
      void read.push(...records.map(({ value }) => value));
    const subscription = await streams.subscribe({ group, topics: [T], from: 'earliest', handler });
    await expect.poll(() => read, POLL).toEqual(['one']);
    await subscription.stop();
    expect((await streams.tail(T, 10)).map(({ value }) => value)).toEqual(['one']);
    expect(await streams.lag(group, [T])).toEqual([{ ref: T, records: 0 }]);
    await streams.seek(group, [{ ref: T, partition: 0, offset: '0' }]);
    expect(await streams.lag(group, [T])).toEqual([{ ref: T, records: 1 }]);
    expect(await streams.commits(linkGroup('alpha'), [T])).toEqual([]);
    expect((await streams.topics('replicated')).map(({ ref }) => ref)).toEqual([T]);
  });

  it('removes the mission with the right to delete as well', async () => {
    const copy = createKafkaCopy(options());
    const there = await copy.inventory();
    expect(there.topics).toEqual(['missionx.replicated.T']);
    await expect(copy.remove(there)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await allow(TOPIC, `${MISSION}.`, [DELETE]);
    await allow(GROUP, `${MISSION}.`, [DELETE]);
    // The lists reach the brokers a moment later.
    await expect
      .poll(async () => copy.remove(there).then(() => copy.inventory()), POLL)
      .toEqual({ topics: [], groups: [] });
    await copy.close();
  });
});
