/** The streams driver against a real Apache Kafka. */
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AclEntry, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FieldlineError } from '@/lib/errors';
import type { StreamRecord } from '@/lib/ports';
import { streamsConformance } from '@/lib/ports/conformance/streams';
import { ACCESS_LISTS, AclOperationTypes, AclResourceTypes, accessList } from '@/scripts/engines/access-lists';
import { startKafka } from '@/scripts/engines/kafka.mjs';
import { freePorts } from '@/scripts/engines/process.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { createKafkaStreams, type KafkaStreamsOptions } from './index';

const USER = { username: 'alice', password: 'correct horse' };
/** Everybody may do what no list is about. */
const OPEN_LISTS = { ...ACCESS_LISTS, 'allow.everyone.if.no.acl.found': 'true' };
const T = { stream: 'replicated', topic: 'T' } as const;

/** A member of a group, of a process of its own. */
const MEMBER = `
  const { Kafka, logLevel } = require('kafkajs');
  const [broker, groupId, topic] = process.argv.slice(1);
  const member = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).consumer({ groupId, sessionTimeout: 8000 });
  member.on('consumer.group_join', () => process.stdout.write('joined'));
  member
    .connect()
    .then(() => member.subscribe({ topics: [topic], fromBeginning: true }))
    .then(() => member.run({ autoCommit: false, eachMessage: async () => undefined }));
`;

describe.skipIf(!engine('kafka').home)('on a real Apache Kafka', () => {
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  beforeAll(async () => {
    kafka = await startKafka({ users: [USER], settings: OPEN_LISTS });
  });
  afterAll(() => kafka?.stop());
  const mission = () => `m${randomUUID().slice(0, 8)}`;
  const open = (name: string, more: Partial<KafkaStreamsOptions> = {}) =>
    createKafkaStreams({ brokers: kafka.brokers, mission: name, clientId: 'test', replicationFactor: 1, ...more });

  streamsConformance('kafkajs on Apache Kafka', async () => {
    const name = mission();
    return { streams: open(name), another: async () => open(name), dispose: async () => undefined };
  });

  describe('security', () => {
    const doors = [
      ['SASL PLAIN', 'plain', false],
      ['SASL SCRAM-SHA-256', 'scram-sha-256', false],
      ['SASL SCRAM-SHA-512', 'scram-sha-512', false],
      ['SASL PLAIN in TLS', 'plain', true],
      ['SASL SCRAM-SHA-512 in TLS', 'scram-sha-512', true],
    ] as const;
    it.each(doors)('writes and reads with %s', async (_name, mechanism, tls) => {
      const streams = open(mission(), {
        brokers: [tls ? kafka.tlsBroker! : kafka.saslBroker!],
        sasl: { mechanism, ...USER },
        ...(tls && { ssl: { ca: kafka.ca! } }),
      });
      await streams.ensureTopic(T);
      await streams.produce(T, [{ key: 'k', value: 'v' }]);
      expect((await streams.tail(T, 1)).map((record) => record.value)).toEqual(['v']);
      await streams.close();
    });

    const failure = async (more: Partial<KafkaStreamsOptions>) => {
      const streams = open(mission(), more);
      const error = await streams.topics('pipeline').then(
        () => undefined,
        (reason: FieldlineError) => reason,
      );
      await streams.close();
      return error;
    };

    it.each(['plain', 'scram-sha-512'] as const)(
      'says that credentials are wrong (%s), without them',
      async (mechanism) => {
        const sasl = { mechanism, username: USER.username, password: 'no-such-word' };
        const error = await failure({ brokers: [kafka.saslBroker!], sasl });
        expect(error).toMatchObject({
          code: 'AUTH_FAILED',
          retriable: false,
          remedy: expect.stringMatching(/password/),
        });
        expect(error?.message).not.toContain('no-such-word');
      },
    );

    it('does not trust a certificate whose authority it does not know', async () => {
      const error = await failure({ brokers: [kafka.tlsBroker!], sasl: { mechanism: 'plain', ...USER }, ssl: true });
      expect(error).toMatchObject({ code: 'UNAVAILABLE' });
      expect(error?.message).toMatch(/certificate|self-signed/i);
    });

    it('says that nothing listens', async () => {
      const [port] = await freePorts(1);
      const error = await failure({ brokers: [`127.0.0.1:${port}`] });
      expect(error).toMatchObject({ code: 'UNAVAILABLE', retriable: true });
      expect(error?.message).toContain('ECONNREFUSED');
    });
  });

  it('makes topics with the partitions and the retention that were asked for', async () => {
    const streams = open(mission());
    await streams.ensureTopic(T, { partitions: 3, retentionMs: 3_600_000 });
    await streams.ensureTopic(T, { partitions: 2 });
    expect(await streams.topics('replicated')).toEqual([{ ref: T, partitions: 3 }]);
    await streams.ensureTopic(T, { partitions: 5 });
    await expect.poll(() => streams.topics('replicated')).toEqual([{ ref: T, partitions: 5 }]);
    await streams.close();
  });

  it('says that a topic is not there, which is not made by writing to it', async () => {
    const streams = open(mission());
    await expect(streams.produce(T, [{ key: 'k', value: 'v' }])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await streams.topics('replicated')).toEqual([]);
    await streams.close();
  });

  describe('a user who may not', () => {
    const allow = (type: AclResourceTypes, name: string, operation: AclOperationTypes) =>
      accessList(USER.username, type, name, [operation]);
    const deny = (type: AclResourceTypes, name: string, operation: AclOperationTypes) =>
      accessList(USER.username, type, name, [operation], { isDenied: true });
    /** Works under access lists. Where there are any, what none of them allows is refused as well. */
    async function under(lists: AclEntry[], work: () => Promise<void>): Promise<void> {
      const admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.createAcls({ acl: lists });
      try {
        await work();
      } finally {
        await admin.deleteAcls({ filters: lists });
        await admin.disconnect();
      }
    }
    const alice = (name: string) =>
      open(name, { brokers: [kafka.saslBroker!], sasl: { mechanism: 'scram-sha-256', ...USER } });

    it('make a topic is told so, and makes it once that is allowed', async () => {
      const name = mission();
      const streams = alice(name);
      const lists = [
        ...deny(AclResourceTypes.CLUSTER, 'kafka-cluster', AclOperationTypes.CREATE),
        ...deny(AclResourceTypes.TOPIC, `${name}.replicated.T`, AclOperationTypes.CREATE),
        ...allow(AclResourceTypes.TOPIC, `${name}.replicated.T`, AclOperationTypes.WRITE),
      ];
      await under(lists, async () => {
        const refused = { code: 'FORBIDDEN', retriable: false, message: expect.stringContaining('Creating') };
        await expect(streams.ensureTopic(T)).rejects.toMatchObject(refused);
        await expect(streams.produce(T, [{ key: 'k', value: 'v' }])).rejects.toMatchObject({ code: 'NOT_FOUND' });
        expect(await streams.topics('replicated')).toEqual([]);
      });
      await expect.poll(() => streams.ensureTopic(T).then(() => 'made', String)).toBe('made');
      await streams.produce(T, [{ key: 'k', value: 'v' }]);
      await streams.close();
    });

    it('write a topic is told so, and writes once that is allowed', async () => {
      const name = mission();
      const streams = alice(name);
      await streams.ensureTopic(T);
      await under(deny(AclResourceTypes.TOPIC, `${name}.replicated.T`, AclOperationTypes.WRITE), async () => {
        const write = () => streams.produce(T, [{ key: 'k', value: 'refused' }]);
        await expect.poll(() => write().catch((error: FieldlineError) => error.code)).toBe('FORBIDDEN');
        await expect(write()).rejects.toMatchObject({ code: 'FORBIDDEN', retriable: false });
      });
      await expect
        .poll(() => streams.produce(T, [{ key: 'k', value: 'v' }]).then(() => 'written', String))
        .toBe('written');
      expect((await streams.tail(T, 1)).map((record) => record.value)).toEqual(['v']);
      await streams.close();
    });

    it('use a group is told so by the end of the subscription', async () => {
      const name = mission();
      const streams = alice(name);
      await streams.ensureTopic(T);
      const group = `${name}.reader`;
      const handler = async () => undefined;
      const end = async () => (await streams.subscribe({ group, topics: [T], from: 'earliest', handler })).done;
      const noRead = deny(AclResourceTypes.GROUP, group, AclOperationTypes.READ);
      const describes = allow(AclResourceTypes.GROUP, group, AclOperationTypes.DESCRIBE);
      const named = { message: expect.stringContaining(group) };
      await under([...noRead, ...describes], async () => {
        await expect(end()).rejects.toMatchObject({ ...named, code: 'FORBIDDEN', retriable: false });
      });
      await under(noRead, async () => {
        const remedy = expect.stringContaining('Allow this user to describe and read the group');
        await expect(end()).rejects.toMatchObject({ ...named, remedy });
      });
      await streams.close();
    });
  });

  it('refuses a record that is larger than the broker takes, and goes on', async () => {
    const streams = open(mission());
    await streams.ensureTopic(T);
    const large = { key: 'k', value: randomBytes(1024 * 1024).toString('base64') };
    await expect(streams.produce(T, [large])).rejects.toMatchObject({ code: 'REQUEST_INVALID', retriable: false });
    await streams.produce(T, [{ key: 'k', value: 'small' }]);
    expect((await streams.tail(T, 5)).map((record) => record.value)).toEqual(['small']);
    await streams.close();
  });

  it('gives the partitions of a process that was killed to the others of its group', async () => {
    const name = mission();
    const streams = open(name);
    await streams.ensureTopic(T, { partitions: 2 });
    const seen = new Set<string>();
    const options = { group: randomUUID(), topics: [T], from: 'earliest' as const };
    const collect = async (records: StreamRecord[]) => {
      for (const record of records) seen.add(record.value);
    };
    const member = spawn(process.execPath, ['-e', MEMBER, kafka.broker, options.group, `${name}.replicated.T`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(member.stdout, 'data');
    const subscription = await streams.subscribe({ ...options, handler: collect });
    await subscription.ready;
    member.kill('SIGKILL');
    await once(member, 'exit');
    const values = Array.from({ length: 20 }, (_, n) => String(n));
    await streams.produce(
      T,
      values.map((value) => ({ key: value, value })),
    );
    await expect.poll(() => [...seen].toSorted(), { timeout: 60_000 }).toEqual(values.toSorted());
    await streams.close();
  });

  it('goes on with everything that was answered after the broker was killed in the middle', async () => {
    const name = mission();
    const streams = open(name);
    await streams.ensureTopic(T);
    const answered: string[] = [];
    const seen = new Set<string>();
    let going = true;
    let next = 0;
    const writing = (async () => {
      while (going) {
        const value = String(next++);
        await streams.produce(T, [{ key: 'k', value }]).then(
          () => answered.push(value),
          (error: FieldlineError) => expect(error.retriable).toBe(true),
        );
      }
    })();
    const handler = async (records: StreamRecord[]) => {
      for (const record of records) seen.add(record.value);
    };
    const options = { group: randomUUID(), topics: [T], from: 'earliest' as const, handler };
    let subscription = await streams.subscribe(options);
    await expect.poll(() => seen.size).toBeGreaterThan(20);
    await kafka.kill();
    const before = answered.length;
    await kafka.start();
    await expect.poll(() => answered.length, { timeout: 60_000 }).toBeGreaterThan(before + 20);
    going = false;
    await writing;
    // As the supervisor does: a subscription that could not go on is started again.
    subscription.done.catch(async () => {
      subscription = await streams.subscribe(options);
    });
    await vi.waitFor(() => expect(answered.filter((value) => !seen.has(value))).toEqual([]), { timeout: 90_000 });
    await streams.close();
  });
});
