/** Two edges at one Kafka door: each gets what is its own, and Kafka's own refusals for the rest. */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScramClient } from '@/lib/sasl/scram';
import type { Credentials, FabricAccess } from '../../access/access';
import { enrol, SITE, testAccess } from '../../access/testing';
import { KAFKA_ERROR, RESOURCE_TYPE } from '../codec';
import { fetchRequest, produceRequest, startTestDoor } from '../testing/door-harness';
import type { WireClient } from '../testing/wire-client';

const OWN = 'm.replicated.ASSET_REQUEST.alpha';
const OTHERS = 'm.replicated.ASSET_REQUEST.bravo';
const BROADCAST = 'm.replicated.ASSET_BROADCAST';
const PIPELINE = 'm.pipeline.ASSET_FEED';
const GROUP = 'fieldline-link.alpha';
const { NONE, TOPIC_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED } = KAFKA_ERROR;

let access: FabricAccess;
let door: Awaited<ReturnType<typeof startTestDoor>>;
let alpha: Credentials;
beforeEach(async () => {
  access = await testAccess();
  alpha = await enrol(access, 'alpha');
  await enrol(access, 'bravo');
  door = await startTestDoor({ access });
  for (const topic of [OTHERS, BROADCAST, PIPELINE]) await door.store.create(topic, { partitions: 1 });
});
afterEach(() => door.close());

async function signIn(
  { username, password }: Credentials,
  mechanism: 'scram-sha-256' | 'scram-sha-512' = 'scram-sha-256',
) {
  const client = await door.client();
  await client.request('SaslHandshake', 1, { mechanism: mechanism.toUpperCase() });
  const scram = new ScramClient(mechanism, username, password);
  const first = await client.request('SaslAuthenticate', 1, { authBytes: scram.first() });
  if (first.errorCode !== NONE) return { client, answer: first };
  const last = await client.request('SaslAuthenticate', 1, { authBytes: await scram.answer(first.authBytes) });
  if (last.errorCode === NONE) scram.finish(last.authBytes);
  return { client, answer: last };
}
const asAlpha = async () => (await signIn(alpha)).client;
const refusals = () => access.audit.after(0, undefined).filter(({ kind }) => kind === 'refused');
const create = (client: WireClient, ...names: string[]) =>
  client.request('CreateTopics', 4, {
    topics: names.map((name) => ({ name, partitionCount: 1, replicationFactor: 1, assignments: [], configs: [] })),
    timeoutMs: 1000,
  });

describe('signing in', () => {
  it.each(['scram-sha-256', 'scram-sha-512'] as const)('lets an edge and the site in with %s', async (mechanism) => {
    for (const credentials of [alpha, SITE]) {
      const { client, answer } = await signIn(credentials, mechanism);
      expect(answer.errorCode).toBe(NONE);
      expect((await client.request('Metadata', 8, { topics: [] })).brokers).toHaveLength(1);
    }
  });

  it('refuses what is wrong, without telling which names there are, and ends the connection', async () => {
    const salts = new Set<string>();
    for (const credentials of [
      { ...alpha, password: 'wrong' },
      { username: 'nobody', password: 'wrong' },
    ]) {
      const { client, answer } = await signIn(credentials);
      expect(answer).toMatchObject({ errorCode: KAFKA_ERROR.SASL_AUTHENTICATION_FAILED });
      salts.add(answer.errorMessage!);
      await client.closed;
    }
    expect(salts.size).toBe(1);
    // A password is not taken as it is where it could be read on the way.
    const client = await door.client();
    expect(await client.request('SaslHandshake', 1, { mechanism: 'PLAIN' })).toEqual({
      errorCode: KAFKA_ERROR.UNSUPPORTED_SASL_MECHANISM,
      mechanisms: ['SCRAM-SHA-256', 'SCRAM-SHA-512'],
    });
  });

  it('answers nobody who has not signed in', async () => {
    const client = await door.client();
    expect((await client.request('ApiVersions', 2, {})).errorCode).toBe(NONE);
    await expect(client.request('Metadata', 8, { topics: null })).rejects.toThrow('closed');
    const early = await door.client();
    expect(await early.request('SaslAuthenticate', 1, { authBytes: Buffer.from('x') })).toMatchObject({
      errorCode: KAFKA_ERROR.ILLEGAL_SASL_STATE,
    });
  });

  it('looks at no more attempts from one address after many have failed', async () => {
    for (let attempt = 0; attempt < 10; attempt++) await signIn({ ...alpha, password: 'wrong' });
    expect((await signIn(alpha)).answer).toMatchObject({
      errorCode: KAFKA_ERROR.SASL_AUTHENTICATION_FAILED,
      errorMessage: expect.stringContaining('Too many attempts'),
    });
    // Others from there are let in.
    expect((await signIn(SITE)).answer.errorCode).toBe(NONE);
  });
});

it('lets in old clients, whose messages have no headers', async () => {
  const client = await door.client();
  await client.request('SaslHandshake', 0, { mechanism: 'SCRAM-SHA-256' });
  const scram = new ScramClient('scram-sha-256', alpha.username, alpha.password);
  const bare = async (message: Buffer) => {
    const size = Buffer.alloc(4);
    size.writeInt32BE(message.length);
    client.socket.removeAllListeners('data');
    client.socket.write(Buffer.concat([size, message]));
    const [answer] = (await once(client.socket, 'data')) as [Buffer];
    return answer.subarray(4);
  };
  scram.finish(await bare(await scram.answer(await bare(scram.first()))));
});

it('lets no other program of this machine shut the site itself out', async () => {
  for (let attempt = 0; attempt < 11; attempt++) await signIn({ ...SITE, password: 'wrong' });
  expect((await signIn(SITE)).answer.errorCode).toBe(NONE);
});

describe('an edge', () => {
  it('creates, writes and reads its own topics', async () => {
    const client = await asAlpha();
    expect((await create(client, OWN)).topics).toMatchObject([{ name: OWN, errorCode: NONE }]);
    expect(
      (await client.request('InitProducerId', 1, { transactionalId: null, transactionTimeoutMs: 1 })).errorCode,
    ).toBe(NONE);
    const produced = await client.request('Produce', 7, produceRequest(OWN, ['a']));
    expect(produced.topics[0]?.partitions[0]?.errorCode).toBe(NONE);
    const fetched = await client.request('Fetch', 11, fetchRequest(OWN, 0));
    expect(fetched.topics[0]?.partitions[0]).toMatchObject({ errorCode: NONE, highWatermark: 1 });
    expect(refusals()).toEqual([]);
  });

  it('reads what is broadcast, and writes it not', async () => {
    const client = await asAlpha();
    const fetched = await client.request('Fetch', 11, fetchRequest(BROADCAST, 0));
    expect(fetched.topics[0]?.partitions[0]?.errorCode).toBe(NONE);
    const produced = await client.request('Produce', 7, produceRequest(BROADCAST, ['a']));
    expect(produced.topics[0]?.partitions[0]?.errorCode).toBe(TOPIC_AUTHORIZATION_FAILED);
    expect(door.store.partition(BROADCAST, 0)!.highWatermark).toBe(0);
    expect(refusals()).toMatchObject([{ principal: 'alpha', what: `write the topic ${BROADCAST}`, door: 'kafka' }]);
  });

  it("neither writes, reads, creates, grows, changes nor deletes another's topic", async () => {
    const client = await asAlpha();
    const code = (answer: { topics: { partitions: { errorCode: number }[] }[] }) =>
      answer.topics[0]?.partitions[0]?.errorCode;
    expect(code(await client.request('Produce', 7, produceRequest(OTHERS, ['a'])))).toBe(TOPIC_AUTHORIZATION_FAILED);
    expect(code(await client.request('Fetch', 11, fetchRequest(OTHERS, 0)))).toBe(TOPIC_AUTHORIZATION_FAILED);
    const places = [{ name: OTHERS, partitions: [{ index: 0, timestamp: -1 }] }];
    expect(code(await client.request('ListOffsets', 5, { replicaId: -1, topics: places }))).toBe(
      TOPIC_AUTHORIZATION_FAILED,
    );
    const epochs = [{ name: OTHERS, partitions: [{ index: 0, leaderEpoch: 0 }] }];
    expect(code(await client.request('OffsetForLeaderEpoch', 3, { topics: epochs }))).toBe(TOPIC_AUTHORIZATION_FAILED);
    expect((await create(client, `${OTHERS}x.bravo`, OWN)).topics).toMatchObject([
      { name: OWN, errorCode: NONE },
      { errorCode: TOPIC_AUTHORIZATION_FAILED },
    ]);
    const growth = { topics: [{ name: OTHERS, count: 2, assignments: null }], timeoutMs: 1, validateOnly: false };
    expect((await client.request('CreatePartitions', 1, growth)).results[0]?.errorCode).toBe(
      TOPIC_AUTHORIZATION_FAILED,
    );
    const deleted = await client.request('DeleteTopics', 3, { topicNames: [OTHERS, OWN], timeoutMs: 1 });
    expect(deleted.topics.map(({ errorCode }) => errorCode)).toEqual(Array(2).fill(TOPIC_AUTHORIZATION_FAILED));
    const cut = { topics: [{ name: OTHERS, partitions: [{ index: 0, offset: -1 }] }], timeoutMs: 1 };
    expect(code(await client.request('DeleteRecords', 1, cut))).toBe(TOPIC_AUTHORIZATION_FAILED);
    const resources = [
      { resourceType: RESOURCE_TYPE.topic, resourceName: OTHERS, configs: [] },
      { resourceType: RESOURCE_TYPE.broker, resourceName: '1', configs: [] },
    ];
    expect((await client.request('AlterConfigs', 1, { resources, validateOnly: false })).results).toMatchObject([
      { errorCode: TOPIC_AUTHORIZATION_FAILED },
      { errorCode: CLUSTER_AUTHORIZATION_FAILED },
    ]);
    expect(door.store.partition(OTHERS, 0)!.highWatermark).toBe(0);
    expect(door.store.get(OTHERS)).toBeDefined();
    expect(refusals().length).toBeGreaterThan(7);
  });

  it('sees no other topics or groups, and makes none by asking', async () => {
    const client = await asAlpha();
    await create(client, OWN);
    const all = await client.request('Metadata', 8, { topics: null });
    expect(all.topics.map(({ name }) => name).toSorted()).toEqual([BROADCAST, OWN].toSorted());
    const named = await client.request('Metadata', 8, {
      topics: [{ name: PIPELINE }, { name: 'm.new' }, { name: BROADCAST }],
      allowAutoTopicCreation: true,
    });
    expect(Object.fromEntries(named.topics.map(({ name, errorCode }) => [name, errorCode]))).toEqual({
      [PIPELINE]: TOPIC_AUTHORIZATION_FAILED,
      'm.new': TOPIC_AUTHORIZATION_FAILED,
      [BROADCAST]: NONE,
    });
    expect(door.store.get('m.new')).toBeUndefined();
    const refusedOnly = await client.request('Metadata', 0, { topics: [{ name: PIPELINE }] });
    expect(refusedOnly.topics).toMatchObject([{ name: PIPELINE, errorCode: TOPIC_AUTHORIZATION_FAILED }]);
  });

  it('commits its own group only, and takes part in no other', async () => {
    const client = await asAlpha();
    const commit = (groupId: string, name: string) =>
      client.request('OffsetCommit', 7, {
        groupId,
        topics: [{ name, partitions: [{ index: 0, committedOffset: 0, committedMetadata: '' }] }],
      });
    const codeOf = async (groupId: string, name: string) =>
      (await commit(groupId, name)).topics[0]?.partitions[0]?.errorCode;
    expect(await codeOf(GROUP, BROADCAST)).toBe(NONE);
    expect(await codeOf(GROUP, PIPELINE)).toBe(TOPIC_AUTHORIZATION_FAILED);
    expect(await codeOf('fieldline-link.bravo', BROADCAST)).toBe(GROUP_AUTHORIZATION_FAILED);
    const others = { groupId: 'm.hq.downloader', memberId: '', generationId: 1 };
    expect((await client.request('FindCoordinator', 2, { key: others.groupId })).errorCode).toBe(
      GROUP_AUTHORIZATION_FAILED,
    );
    const join = { ...others, sessionTimeoutMs: 6000, protocolType: 'consumer', protocols: [] };
    expect((await client.request('JoinGroup', 5, join)).errorCode).toBe(GROUP_AUTHORIZATION_FAILED);
    expect((await client.request('Heartbeat', 3, others)).errorCode).toBe(GROUP_AUTHORIZATION_FAILED);
    expect((await client.request('SyncGroup', 3, { ...others, assignments: [] })).errorCode).toBe(
      GROUP_AUTHORIZATION_FAILED,
    );
    expect((await client.request('LeaveGroup', 3, { groupId: others.groupId })).errorCode).toBe(
      GROUP_AUTHORIZATION_FAILED,
    );
    expect((await client.request('OffsetFetch', 5, { groupId: others.groupId, topics: null })).errorCode).toBe(
      GROUP_AUTHORIZATION_FAILED,
    );
    expect((await client.request('DeleteGroups', 1, { groups: [GROUP] })).results[0]?.errorCode).toBe(
      GROUP_AUTHORIZATION_FAILED,
    );
    const groups = await client.request('DescribeGroups', 4, { groups: [GROUP, others.groupId] });
    expect(groups.groups.map(({ errorCode }) => errorCode)).toEqual([NONE, GROUP_AUTHORIZATION_FAILED]);
    expect((await client.request('ListGroups', 2, {})).groups.map(({ groupId }) => groupId)).toEqual([GROUP]);
  });

  it('is out at once when it is revoked, in the middle of a long poll, and comes in no more', async () => {
    const client = await asAlpha();
    const polling = client.request('Fetch', 11, fetchRequest(BROADCAST, 0, { maxWaitMs: 60_000 }));
    const ended = expect(polling).rejects.toThrow('closed');
    const other = (await signIn(SITE)).client;
    await access.revoke('alpha');
    await ended;
    expect((await signIn(alpha)).answer.errorCode).toBe(KAFKA_ERROR.SASL_AUTHENTICATION_FAILED);
    expect((await other.request('Metadata', 8, { topics: [] })).brokers).toHaveLength(1);
    expect(access.audit.after(0, undefined).at(-1)).toMatchObject({
      kind: 'sign-in failed',
      principal: 'alpha',
      what: expect.stringContaining('revoked'),
    });
  });
});
