import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KAFKA_ERROR, RESOURCE_TYPE, writeRequest } from './codec';
import { startKafkaDoor } from './index';
import { parseBatches } from './record-batch';
import { buildBatch } from './records';
import { fetchRequest, produceRequest, startTestDoor } from './testing/door-harness';
import type { WireClient } from './testing/wire-client';

let fabric: Awaited<ReturnType<typeof startTestDoor>>;
let client: WireClient;

beforeEach(async () => {
  fabric = await startTestDoor({ restAddress: '127.0.0.1:18443' });
  client = await fabric.client();
  await fabric.store.create('t', { partitions: 2 });
});
afterEach(() => fabric.close());

const partitionOf = <P>(answer: { topics: { partitions: P[] }[] }) => answer.topics[0]!.partitions[0]!;

describe('the session', () => {
  it('answers a version of ApiVersions it does not know with a version 0 body, error 35 and the whole list', async () => {
    const frame = await client.frame(writeRequest('ApiVersions', 9, 5, 'c', {}));
    expect(frame.readInt32BE(0)).toBe(5);
    expect(frame.readInt16BE(4)).toBe(KAFKA_ERROR.UNSUPPORTED_VERSION);
    const known = await client.request('ApiVersions', 3, { clientSoftwareName: 'x', clientSoftwareVersion: '1' });
    expect(frame.readInt32BE(6)).toBe(known.apiKeys.length);
    expect(known.apiKeys).toContainEqual({ apiKey: 0, minVersion: 0, maxVersion: 8 });
  });

  it('says at once that it takes no credentials', async () => {
    expect(await client.request('SaslHandshake', 1, { mechanism: 'PLAIN' })).toEqual({ errorCode: 33, mechanisms: [] });
    expect((await client.request('SaslAuthenticate', 1, { authBytes: Buffer.from('x') })).errorCode).toBe(34);
  });

  it('refuses a taken port in words', async () => {
    const refused = startKafkaDoor({
      store: fabric.store,
      directory: `${fabric.directory}/other`,
      host: '127.0.0.1',
      port: fabric.door.port,
      advertisedHost: 'h',
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    await expect(refused).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  });
});

describe('metadata', () => {
  it('lists all topics for null, none for an empty list, and in version 0 all for an empty list', async () => {
    const names = (answer: { topics: { name: string }[] }) => answer.topics.map(({ name }) => name);
    expect(names(await client.request('Metadata', 8, { topics: null }))).toEqual(['t']);
    expect(names(await client.request('Metadata', 8, { topics: [] }))).toEqual([]);
    expect(names(await client.request('Metadata', 0, { topics: [] }))).toEqual(['t']);
  });

  it('creates a topic only where the request allows it', async () => {
    const ask = (name: string, allowAutoTopicCreation: boolean) =>
      client.request('Metadata', 8, { topics: [{ name }], allowAutoTopicCreation });
    expect((await ask('new', false)).topics[0]?.errorCode).toBe(KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect(fabric.store.get('new')).toBeUndefined();
    expect((await ask('new', true)).topics[0]).toMatchObject({ errorCode: 0, partitions: [{ index: 0, leaderId: 1 }] });
    expect((await ask('bad name', true)).topics[0]?.errorCode).toBe(KAFKA_ERROR.INVALID_TOPIC_EXCEPTION);
  });

  it('tells the address it was given', async () => {
    const other = await startTestDoor({ advertisedHost: 'hq.example', advertisedPort: 4242 });
    const answer = await (await other.client()).request('Metadata', 8, { topics: null });
    expect(answer.brokers).toEqual([{ nodeId: 1, host: 'hq.example', port: 4242, rack: null }]);
    await other.close();
  });
});

describe('produce', () => {
  it('appends and tells the offset; the fetch gives the same records back', async () => {
    expect(partitionOf(await client.request('Produce', 7, produceRequest('t', ['a', 'b'])))).toMatchObject({
      baseOffset: 0,
    });
    expect(partitionOf(await client.request('Produce', 8, produceRequest('t', ['c'])))).toMatchObject({
      baseOffset: 2,
    });
    const fetched = partitionOf(await client.request('Fetch', 11, fetchRequest('t', 0)));
    expect(fetched).toMatchObject({ errorCode: 0, highWatermark: 3, lastStableOffset: 3, logStartOffset: 0 });
    expect(parseBatches(fetched.records!).map(({ header }) => header.lastOffset)).toEqual([1, 2]);
  });

  it('sends no answer to acks=0, and keeps its place in the order', async () => {
    client.post('Produce', 7, produceRequest('t', ['quiet'], { acks: 0 }));
    const answer = await client.request('Produce', 7, produceRequest('t', ['loud']));
    expect(partitionOf(answer).baseOffset).toBe(1);
    expect(client.answered.length).toBe(1);
  });

  it('answers many pipelined requests in their order', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        index % 5 === 4
          ? client.request('ListOffsets', 5, {
              replicaId: -1,
              topics: [{ name: 't', partitions: [{ index: 0, timestamp: -1 }] }],
            })
          : client.request('Produce', 7, produceRequest('t', [`${index}`])),
      ),
    );
    expect(client.answered).toEqual(client.answered.toSorted((a, b) => a - b));
    // Each end that was asked for counts exactly the records produced before it on this connection.
    const ends = answers.flatMap(({ topics }) => {
      const partition = topics[0]!.partitions[0]!;
      return 'offset' in partition ? [partition.offset] : [];
    });
    expect(ends).toEqual([4, 8, 12, 16, 20, 24, 28, 32]);
  });

  it('refuses, each with its code, what may not be appended', async () => {
    await fabric.store.create('r', { partitions: 1, replica: true });
    const codeOf = async (request: Parameters<typeof client.request<'Produce'>>[2], version = 8) =>
      partitionOf(await client.request('Produce', version, request)).errorCode;
    const damaged = produceRequest('t', ['x']);
    damaged.topics[0]!.partitions[0]!.records[65]! ^= 1;
    const old = produceRequest('t', ['x']);
    old.topics[0]!.partitions[0]!.records[16] = 1;
    expect(await codeOf(produceRequest('r', ['x']))).toBe(KAFKA_ERROR.TOPIC_AUTHORIZATION_FAILED);
    expect(await codeOf(produceRequest('none', ['x']))).toBe(KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await codeOf(produceRequest('t', ['x'], { index: 9 }))).toBe(KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await codeOf(damaged)).toBe(KAFKA_ERROR.CORRUPT_MESSAGE);
    expect(await codeOf(old)).toBe(KAFKA_ERROR.UNSUPPORTED_FOR_MESSAGE_FORMAT);
    expect(await codeOf(produceRequest('t', ['x']), 2)).toBe(KAFKA_ERROR.UNSUPPORTED_FOR_MESSAGE_FORMAT);
    expect(await codeOf(produceRequest('t', ['x'], { acks: 5 }))).toBe(KAFKA_ERROR.INVALID_REQUIRED_ACKS);
    expect(await codeOf({ ...produceRequest('t', ['x']), transactionalId: 'tx' })).toBe(53);
    expect(fabric.store.partition('t', 0)!.highWatermark).toBe(0);
    const refused = partitionOf(await client.request('Produce', 8, produceRequest('r', ['x'])));
    expect(refused.errorMessage).toMatch(/replica/);
  });

  it('closes the connection of an acks=0 producer whose record was refused', async () => {
    client.post('Produce', 7, produceRequest('none', ['x'], { acks: 0 }));
    await client.closed;
  });

  it('stores an idempotent batch once', async () => {
    const { producerId, producerEpoch } = await client.request('InitProducerId', 1, {
      transactionalId: null,
      transactionTimeoutMs: 1000,
    });
    const records = () =>
      buildBatch([{ key: null, value: Buffer.from('x'), timestamp: 1 }], {
        producerId,
        producerEpoch,
        baseSequence: 0,
      });
    const send = () =>
      client.request('Produce', 7, {
        acks: -1,
        timeoutMs: 1,
        topics: [{ name: 't', partitions: [{ index: 0, records: records() }] }],
      });
    const offsets = (await Promise.all([send(), send(), send()])).map((answer) => partitionOf(answer));
    expect(offsets.map(({ baseOffset, errorCode }) => [baseOffset, errorCode])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(fabric.store.partition('t', 0)!.highWatermark).toBe(1);
  });
});

describe('fetch', () => {
  it('waits for records up to the time asked, and answers when they come', async () => {
    const waiting = client.request('Fetch', 11, fetchRequest('t', 0, { maxWaitMs: 60_000 }));
    const other = await fabric.client();
    await other.request('Produce', 7, produceRequest('t', ['a']));
    expect(partitionOf(await waiting).highWatermark).toBe(1);
    const nothing = partitionOf(await client.request('Fetch', 11, fetchRequest('t', 1, { maxWaitMs: 5 })));
    expect(nothing).toMatchObject({ errorCode: 0, highWatermark: 1 });
    expect(nothing.records?.length).toBe(0);
  });

  it('waits for the bytes asked, not for the first record', async () => {
    const waiting = client.request('Fetch', 11, fetchRequest('t', 0, { maxWaitMs: 60_000, minBytes: 1000 }));
    const other = await fabric.client();
    await other.request('Produce', 7, produceRequest('t', ['small']));
    await other.request('Produce', 7, produceRequest('t', ['x'.repeat(1000)]));
    expect(partitionOf(await waiting).highWatermark).toBe(2);
  });

  it('answers a waiting fetch when the topic goes away', async () => {
    const waiting = client.request('Fetch', 11, fetchRequest('t', 0, { maxWaitMs: 60_000 }));
    await (await fabric.client()).request('DeleteTopics', 3, { topicNames: ['t'], timeoutMs: 1 });
    expect(partitionOf(await waiting).errorCode).toBe(KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION);
  });

  it('returns the first batch whole although it is larger than the limits, and only that one', async () => {
    await client.request('Produce', 7, produceRequest('t', ['x'.repeat(5000)]));
    await client.request('Produce', 7, produceRequest('t', ['y'.repeat(5000)], { index: 1 }));
    const answer = await client.request('Fetch', 11, {
      ...fetchRequest('t', 0, { maxBytes: 10 }),
      topics: [{ name: 't', partitions: [0, 1].map((index) => ({ index, fetchOffset: 0, partitionMaxBytes: 10 })) }],
    });
    const sizes = answer.topics.flatMap(({ partitions }) => partitions.map(({ records }) => records?.length ?? 0));
    expect(sizes[0]).toBeGreaterThan(5000);
    expect(sizes[1]).toBe(0);
  });

  it('tells an offset outside the log, a wrong epoch, a session, an old version', async () => {
    const codeOf = async (request: Parameters<typeof client.request<'Fetch'>>[2], version = 11) =>
      partitionOf(await client.request('Fetch', version, request)).errorCode;
    expect(await codeOf(fetchRequest('t', 5, { maxWaitMs: 60_000 }))).toBe(KAFKA_ERROR.OFFSET_OUT_OF_RANGE);
    expect(await codeOf(fetchRequest('t', 0), 3)).toBe(KAFKA_ERROR.UNSUPPORTED_FOR_MESSAGE_FORMAT);
    const partitions = [{ index: 0, fetchOffset: 0, partitionMaxBytes: 10, currentLeaderEpoch: 3 }];
    expect(await codeOf({ ...fetchRequest('t', 0), topics: [{ name: 't', partitions }] })).toBe(75);
    expect((await client.request('Fetch', 11, { ...fetchRequest('t', 0), sessionId: 7 })).errorCode).toBe(70);
  });
});

describe('offsets', () => {
  it('are found at the ends and by time, in every version', async () => {
    for (const [index, timestamp] of [1000, 2000, 3000].entries())
      await client.request('Produce', 7, produceRequest('t', [`${index}`], { timestamp }));
    const at = async (timestamp: number, version = 5) => {
      const topics = [{ name: 't', partitions: [{ index: 0, timestamp }] }];
      return partitionOf(await client.request('ListOffsets', version, { replicaId: -1, topics }));
    };
    expect(await at(-1)).toMatchObject({ offset: 3, timestamp: -1, leaderEpoch: 0 });
    expect(await at(-2)).toMatchObject({ offset: 0 });
    expect(await at(1500)).toMatchObject({ offset: 1, timestamp: 2000 });
    expect(await at(3001)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1 });
    expect((await at(-1, 0)).oldStyleOffsets).toEqual([3]);
  });

  it('before a given one are deleted', async () => {
    await client.request('Produce', 7, produceRequest('t', ['a', 'b', 'c']));
    const remove = async (offset: number) =>
      partitionOf(
        await client.request('DeleteRecords', 1, {
          topics: [{ name: 't', partitions: [{ index: 0, offset }] }],
          timeoutMs: 1,
        }),
      );
    expect(await remove(2)).toEqual({ index: 0, lowWatermark: 2, errorCode: 0 });
    expect((await remove(99)).errorCode).toBe(KAFKA_ERROR.OFFSET_OUT_OF_RANGE);
    expect(await remove(-1)).toMatchObject({ lowWatermark: 3 });
  });

  it('of epochs are those of the one epoch there is', async () => {
    await client.request('Produce', 7, produceRequest('t', ['a']));
    const ask = async (leaderEpoch: number) =>
      partitionOf(
        await client.request('OffsetForLeaderEpoch', 3, {
          topics: [{ name: 't', partitions: [{ index: 0, leaderEpoch }] }],
        }),
      );
    expect(await ask(0)).toMatchObject({ leaderEpoch: 0, endOffset: 1 });
    expect(await ask(4)).toMatchObject({ leaderEpoch: -1, endOffset: -1 });
  });
});

describe('topics and configurations', () => {
  const create = async (name: string, more: object = {}, validateOnly = false) => {
    const topic = { name, partitionCount: 3, replicationFactor: 1, assignments: [], configs: [], ...more };
    return (await client.request('CreateTopics', 4, { topics: [topic], timeoutMs: 1, validateOnly })).topics[0]!;
  };

  it('are created, with the reason when they can not be', async () => {
    expect((await create('n', {}, true)).errorCode).toBe(0);
    expect(fabric.store.get('n')).toBeUndefined();
    expect((await create('n', { configs: [{ name: 'retention.ms', value: '5000' }] })).errorCode).toBe(0);
    expect(fabric.store.get('n')).toMatchObject({ partitions: 3, config: { retentionMs: 5000 } });
    expect((await create('n')).errorCode).toBe(KAFKA_ERROR.TOPIC_ALREADY_EXISTS);
    expect((await create('a b')).errorCode).toBe(KAFKA_ERROR.INVALID_TOPIC_EXCEPTION);
    expect((await create('m', { replicationFactor: 3 })).errorCode).toBe(KAFKA_ERROR.INVALID_REPLICATION_FACTOR);
    expect((await create('m', { partitionCount: 0 })).errorCode).toBe(KAFKA_ERROR.INVALID_PARTITIONS);
    expect(await create('m', { configs: [{ name: 'cleanup.policy', value: 'compact' }] })).toMatchObject({
      errorCode: KAFKA_ERROR.INVALID_CONFIG,
      errorMessage: expect.stringMatching(/delete/),
    });
    expect((await create('m', { assignments: [{ index: 0, brokerIds: [7] }] })).errorCode).toBe(39);
    expect((await create('m', { partitionCount: -1, replicationFactor: -1 })).errorCode).toBe(0);
  });

  it('grow and go', async () => {
    const grow = async (count: number) =>
      (
        await client.request('CreatePartitions', 1, {
          topics: [{ name: 't', count, assignments: null }],
          timeoutMs: 1,
          validateOnly: false,
        })
      ).results[0]!.errorCode;
    expect(await grow(4)).toBe(0);
    expect(await grow(4)).toBe(KAFKA_ERROR.INVALID_PARTITIONS);
    expect(fabric.store.get('t')?.partitions).toBe(4);
    const answer = await client.request('DeleteTopics', 3, { topicNames: ['t', 'none'], timeoutMs: 1 });
    expect(answer.topics.map(({ errorCode }) => errorCode)).toEqual([0, KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION]);
  });

  it('tell the REST door in the configuration of the broker', async () => {
    const resources = [
      { resourceType: RESOURCE_TYPE.broker, resourceName: '1', configurationKeys: ['fieldline.rest.address'] },
    ];
    const { results } = await client.request('DescribeConfigs', 2, { resources });
    expect(results[0]?.configs).toMatchObject([{ name: 'fieldline.rest.address', value: '127.0.0.1:18443' }]);
  });

  it('change their retention, whole or one by one', async () => {
    const alter = (configs: { name: string; value: string | null }[]) =>
      client.request('AlterConfigs', 1, {
        resources: [{ resourceType: RESOURCE_TYPE.topic, resourceName: 't', configs }],
        validateOnly: false,
      });
    expect((await alter([{ name: 'retention.ms', value: '1000' }])).results[0]?.errorCode).toBe(0);
    expect((await alter([{ name: 'retention.bytes', value: '77' }])).results[0]?.errorCode).toBe(0);
    expect(fabric.store.get('t')?.config).toMatchObject({ retentionMs: 7 * 86_400_000, retentionBytes: 77 });
    expect((await alter([{ name: 'retention.ms', value: 'soon' }])).results[0]?.errorCode).toBe(
      KAFKA_ERROR.INVALID_CONFIG,
    );
    await client.request('IncrementalAlterConfigs', 0, {
      resources: [
        { resourceType: 2, resourceName: 't', configs: [{ name: 'retention.ms', operation: 0, value: '5' }] },
      ],
      validateOnly: false,
    });
    expect(fabric.store.get('t')?.config).toMatchObject({ retentionMs: 5, retentionBytes: 77 });
    const resources = [{ resourceType: RESOURCE_TYPE.topic, resourceName: 't', configurationKeys: null }];
    const described = (await client.request('DescribeConfigs', 2, { resources })).results[0]!;
    expect(described.configs).toContainEqual(
      expect.objectContaining({ name: 'retention.bytes', value: '77', configSource: 1 }),
    );
  });
});

describe('committed offsets', () => {
  const commit = async (offset: number, metadata: string | null = 'm', more: object = {}) =>
    partitionOf(
      await client.request('OffsetCommit', 7, {
        groupId: 'g',
        topics: [{ name: 't', partitions: [{ index: 1, committedOffset: offset, committedMetadata: metadata }] }],
        ...more,
      }),
    ).errorCode;

  it('are kept with their metadata, across a restart', async () => {
    expect(await commit(5)).toBe(0);
    expect(await commit(7, null)).toBe(0);
    expect(await commit(8, 'x'.repeat(5000))).toBe(KAFKA_ERROR.OFFSET_METADATA_TOO_LARGE);
    expect(await commit(8, '', { groupId: '' })).toBe(KAFKA_ERROR.INVALID_GROUP_ID);
    await fabric.close({ keep: true });
    fabric = await startTestDoor({ directory: fabric.directory });
    client = await fabric.client();
    const asked = await client.request('OffsetFetch', 5, { groupId: 'g', topics: [{ name: 't', partitions: [0, 1] }] });
    expect(asked.topics[0]?.partitions).toMatchObject([
      { index: 0, committedOffset: -1, metadata: '' },
      { index: 1, committedOffset: 7, metadata: '' },
    ]);
    const all = await client.request('OffsetFetch', 5, { groupId: 'g', topics: null });
    expect(all.topics).toMatchObject([{ name: 't', partitions: [{ index: 1, committedOffset: 7 }] }]);
    expect(fabric.door.groupOffsets.committed('g')).toMatchObject([
      { topic: 't', partition: 1, offset: 7, metadata: '' },
    ]);
    expect(fabric.door.groupOffsets.groups()).toEqual(['g']);
  });

  it('go with their group, or with their topic', async () => {
    await commit(5);
    const remove = async () => (await client.request('DeleteGroups', 1, { groups: ['g'] })).results[0]?.errorCode;
    expect(await remove()).toBe(0);
    expect(await remove()).toBe(KAFKA_ERROR.GROUP_ID_NOT_FOUND);
    await commit(5);
    await client.request('DeleteTopics', 3, { topicNames: ['t'], timeoutMs: 1 });
    await expect.poll(() => fabric.door.groupOffsets.groups()).toEqual([]);
  });
});
