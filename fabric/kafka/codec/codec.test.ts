/** Long because it holds a filled request and response of every API. */
import { describe, expect, it } from 'vitest';
import { APIS, type ApiName, apiDefinition } from './apis';
import { ByteReader, ByteWriter } from './bytes';
import {
  FRAME_SIZE_BYTES,
  readCorrelationId,
  readRequestBody,
  readRequestHeader,
  readResponse,
  writeRequest,
  writeResponse,
} from './frames';
import { array, int16, int32, nullableBytes, nullableString, string, struct, versions } from './types';

const frameOf = (parts: Buffer[]) => {
  const whole = Buffer.concat(parts);
  expect(whole.readInt32BE(0)).toBe(whole.length - FRAME_SIZE_BYTES);
  return whole.subarray(FRAME_SIZE_BYTES);
};

describe('primitive types', () => {
  it('carries 64-bit integers exactly up to 2^53, negative ones too', () => {
    for (const value of [0, -1, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, -(2 ** 32) - 5, Number.MAX_SAFE_INTEGER]) {
      const writer = new ByteWriter();
      writer.int64(value);
      const bytes = Buffer.concat(writer.finish());
      expect(bytes.readBigInt64BE(0)).toBe(BigInt(value));
      expect(new ByteReader(bytes).int64()).toBe(value);
    }
  });

  it('carries unsigned varints as Protocol Buffers has them', () => {
    for (const [value, hex] of [
      [0, '00'],
      [127, '7f'],
      [128, '8001'],
      [300, 'ac02'],
      [2 ** 31 - 1, 'ffffffff07'],
    ] as const) {
      const writer = new ByteWriter();
      writer.uvarint(value);
      const bytes = Buffer.concat(writer.finish());
      expect(bytes.toString('hex')).toBe(hex);
      expect(new ByteReader(bytes).uvarint()).toBe(value);
    }
  });

  it('refuses to read beyond the end', () => {
    expect(() => new ByteReader(Buffer.of(0, 1)).int32()).toThrow(/ends inside/);
    expect(() => new ByteReader(Buffer.of(0, 9, 65)).utf8(9)).toThrow(/ends inside/);
    expect(() => new ByteReader(Buffer.of(0x80, 0x80, 0x80, 0x80, 0x80, 1)).uvarint()).toThrow(/longer than five/);
  });

  it('does not allocate for an array that the message cannot hold', () => {
    const reader = new ByteReader(Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 0]));
    expect(() => array(int16).read(reader, { number: 0, flexible: false })).toThrow(/more items than it holds/);
  });

  it('sends large byte strings by reference', () => {
    const large = Buffer.alloc(1 << 20, 7);
    const writer = new ByteWriter();
    writer.int32(1);
    nullableBytes.write(writer, [large, Buffer.of(1, 2)], { number: 0, flexible: false });
    const parts = writer.finish();
    expect(parts).toContain(large);
    const reader = new ByteReader(Buffer.concat(parts));
    expect(reader.int32()).toBe(1);
    expect(nullableBytes.read(reader, { number: 0, flexible: false })?.length).toBe((1 << 20) + 2);
  });
});

describe('structures', () => {
  const type = struct({
    name: string,
    note: versions(nullableString, { from: 1, to: 2 }, null),
    list: array(struct({ id: int32 })),
  });
  const roundTrip = (number: number, flexible: boolean, value: Parameters<typeof type.write>[1]) => {
    const writer = new ByteWriter();
    type.write(writer, value, { number, flexible });
    const reader = new ByteReader(Buffer.concat(writer.finish()));
    const read = type.read(reader, { number, flexible });
    expect(reader.remaining).toBe(0);
    return read;
  };

  it('reads a field as its default where the version has none', () => {
    expect(roundTrip(0, false, { name: 'a', note: 'lost', list: [] })).toEqual({ name: 'a', note: null, list: [] });
    expect(roundTrip(2, false, { name: 'a', note: 'kept', list: [{ id: 4 }] }).note).toBe('kept');
    expect(roundTrip(3, false, { name: 'a', list: [] }).note).toBeNull();
  });

  it('writes compact types and tagged fields in flexible versions, and skips tags it does not know', () => {
    expect(roundTrip(2, true, { name: 'é', note: null, list: [{ id: 1 }, { id: 2 }] })).toEqual({
      name: 'é',
      note: null,
      list: [{ id: 1 }, { id: 2 }],
    });
    const withTag = Buffer.from([2, 0x61, 1, /* one tag: number 5, 2 bytes */ 1, 5, 2, 9, 9]);
    expect(type.read(new ByteReader(withTag), { number: 0, flexible: true })).toEqual({
      name: 'a',
      note: null,
      list: [],
    });
  });
});

/** For every API: a value that fills each field, as writing takes it. */
const SAMPLES: { [N in ApiName]: [request: object, response: object] } = {
  Produce: [
    {
      transactionalId: null,
      acks: -1,
      timeoutMs: 5,
      topics: [{ name: 't', partitions: [{ index: 1, records: Buffer.from('r') }] }],
    },
    {
      topics: [
        {
          name: 't',
          partitions: [
            {
              index: 1,
              errorCode: 29,
              baseOffset: 2 ** 40,
              logAppendTimeMs: -1,
              logStartOffset: 3,
              recordErrors: [{ batchIndex: 1, message: 'm' }],
              errorMessage: 'no',
            },
          ],
        },
      ],
      throttleTimeMs: 1,
    },
  ],
  Fetch: [
    {
      replicaId: -1,
      maxWaitMs: 1,
      minBytes: 2,
      maxBytes: 3,
      isolationLevel: 1,
      sessionId: 4,
      sessionEpoch: 5,
      topics: [
        {
          name: 't',
          partitions: [{ index: 0, currentLeaderEpoch: 0, fetchOffset: 9, logStartOffset: 2, partitionMaxBytes: 7 }],
        },
      ],
      forgottenTopics: [{ name: 'u', partitions: [1, 2] }],
      rackId: 'r',
    },
    {
      throttleTimeMs: 0,
      errorCode: 0,
      sessionId: 0,
      topics: [
        {
          name: 't',
          partitions: [
            {
              index: 0,
              errorCode: 0,
              highWatermark: 10,
              lastStableOffset: 10,
              logStartOffset: 1,
              abortedTransactions: [{ producerId: 1, firstOffset: 2 }],
              preferredReadReplica: -1,
              records: Buffer.from('abc'),
            },
          ],
        },
      ],
    },
  ],
  ListOffsets: [
    {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: 't', partitions: [{ index: 0, currentLeaderEpoch: 0, timestamp: -2, maxOffsets: 1 }] }],
    },
    {
      throttleTimeMs: 0,
      topics: [
        {
          name: 't',
          partitions: [{ index: 0, errorCode: 0, oldStyleOffsets: [5], timestamp: 7, offset: 5, leaderEpoch: 0 }],
        },
      ],
    },
  ],
  Metadata: [
    {
      topics: [{ name: 't' }],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: true,
      includeTopicAuthorizedOperations: true,
    },
    {
      throttleTimeMs: 0,
      brokers: [{ nodeId: 1, host: 'h', port: 9, rack: null }],
      clusterId: 'c',
      controllerId: 1,
      topics: [
        {
          errorCode: 0,
          name: 't',
          isInternal: true,
          partitions: [
            {
              errorCode: 0,
              index: 0,
              leaderId: 1,
              leaderEpoch: 0,
              replicaNodes: [1],
              isrNodes: [1],
              offlineReplicas: [2],
            },
          ],
          topicAuthorizedOperations: 3,
        },
      ],
      clusterAuthorizedOperations: 4,
    },
  ],
  OffsetCommit: [
    {
      groupId: 'g',
      generationId: 3,
      memberId: 'm',
      groupInstanceId: 'i',
      retentionTimeMs: 4,
      topics: [
        {
          name: 't',
          partitions: [
            { index: 0, committedOffset: 8, committedLeaderEpoch: 0, commitTimestamp: 2, committedMetadata: 'x' },
          ],
        },
      ],
    },
    { throttleTimeMs: 0, topics: [{ name: 't', partitions: [{ index: 0, errorCode: 0 }] }] },
  ],
  OffsetFetch: [
    { groupId: 'g', topics: [{ name: 't', partitions: [0, 1] }] },
    {
      throttleTimeMs: 0,
      topics: [
        {
          name: 't',
          partitions: [{ index: 0, committedOffset: 3, committedLeaderEpoch: 0, metadata: '', errorCode: 0 }],
        },
      ],
      errorCode: 0,
    },
  ],
  FindCoordinator: [
    { key: 'g', keyType: 1 },
    { throttleTimeMs: 0, errorCode: 0, errorMessage: 'm', nodeId: 1, host: 'h', port: 1 },
  ],
  JoinGroup: [
    {
      groupId: 'g',
      sessionTimeoutMs: 1,
      rebalanceTimeoutMs: 2,
      memberId: '',
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from('m') }],
    },
    {
      throttleTimeMs: 0,
      errorCode: 0,
      generationId: 1,
      protocolName: 'range',
      leader: 'a',
      memberId: 'a',
      members: [{ memberId: 'a', groupInstanceId: null, metadata: Buffer.from('m') }],
    },
  ],
  Heartbeat: [
    { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null },
    { throttleTimeMs: 0, errorCode: 27 },
  ],
  LeaveGroup: [
    { groupId: 'g', memberId: 'm', members: [{ memberId: 'm', groupInstanceId: null }] },
    { throttleTimeMs: 0, errorCode: 0, members: [{ memberId: 'm', groupInstanceId: null, errorCode: 0 }] },
  ],
  SyncGroup: [
    {
      groupId: 'g',
      generationId: 1,
      memberId: 'm',
      groupInstanceId: 'i',
      assignments: [{ memberId: 'm', assignment: Buffer.from('a') }],
    },
    { throttleTimeMs: 0, errorCode: 0, assignment: Buffer.from('a') },
  ],
  DescribeGroups: [
    { groups: ['g'], includeAuthorizedOperations: true },
    {
      throttleTimeMs: 0,
      groups: [
        {
          errorCode: 0,
          groupId: 'g',
          groupState: 'Stable',
          protocolType: 'consumer',
          protocolData: 'range',
          members: [
            {
              memberId: 'm',
              groupInstanceId: null,
              clientId: 'c',
              clientHost: '/127.0.0.1',
              memberMetadata: Buffer.from('a'),
              memberAssignment: Buffer.from('b'),
            },
          ],
          authorizedOperations: 1,
        },
      ],
    },
  ],
  ListGroups: [{}, { throttleTimeMs: 0, errorCode: 0, groups: [{ groupId: 'g', protocolType: 'consumer' }] }],
  SaslHandshake: [{ mechanism: 'PLAIN' }, { errorCode: 33, mechanisms: ['PLAIN'] }],
  ApiVersions: [
    { clientSoftwareName: 'n', clientSoftwareVersion: 'v' },
    { errorCode: 0, apiKeys: [{ apiKey: 1, minVersion: 0, maxVersion: 11 }], throttleTimeMs: 0 },
  ],
  CreateTopics: [
    {
      topics: [
        {
          name: 't',
          partitionCount: 1,
          replicationFactor: 1,
          assignments: [{ index: 0, brokerIds: [1] }],
          configs: [{ name: 'retention.ms', value: null }],
        },
      ],
      timeoutMs: 1,
      validateOnly: true,
    },
    { throttleTimeMs: 0, topics: [{ name: 't', errorCode: 36, errorMessage: 'exists' }] },
  ],
  DeleteTopics: [
    { topicNames: ['t'], timeoutMs: 1 },
    { throttleTimeMs: 0, topics: [{ name: 't', errorCode: 0 }] },
  ],
  DeleteRecords: [
    { topics: [{ name: 't', partitions: [{ index: 0, offset: 5 }] }], timeoutMs: 1 },
    { throttleTimeMs: 0, topics: [{ name: 't', partitions: [{ index: 0, lowWatermark: 5, errorCode: 0 }] }] },
  ],
  InitProducerId: [
    { transactionalId: null, transactionTimeoutMs: 1 },
    { throttleTimeMs: 0, errorCode: 0, producerId: 2 ** 33, producerEpoch: 0 },
  ],
  OffsetForLeaderEpoch: [
    {
      replicaId: -1,
      topics: [{ name: 't', partitions: [{ index: 0, currentLeaderEpoch: 0, leaderEpoch: 0 }] }],
    },
    {
      throttleTimeMs: 0,
      topics: [{ name: 't', partitions: [{ errorCode: 0, index: 0, leaderEpoch: 0, endOffset: 9 }] }],
    },
  ],
  DescribeConfigs: [
    { resources: [{ resourceType: 4, resourceName: '1', configurationKeys: ['a'] }], includeSynonyms: true },
    {
      throttleTimeMs: 0,
      results: [
        {
          errorCode: 0,
          errorMessage: null,
          resourceType: 4,
          resourceName: '1',
          configs: [
            {
              name: 'a',
              value: 'b',
              readOnly: true,
              isDefault: true,
              configSource: 4,
              isSensitive: false,
              synonyms: [{ name: 'a', value: null, source: 5 }],
            },
          ],
        },
      ],
    },
  ],
  AlterConfigs: [
    {
      resources: [{ resourceType: 2, resourceName: 't', configs: [{ name: 'retention.ms', value: '1' }] }],
      validateOnly: false,
    },
    { throttleTimeMs: 0, results: [{ errorCode: 0, errorMessage: null, resourceType: 2, resourceName: 't' }] },
  ],
  SaslAuthenticate: [
    { authBytes: Buffer.from('x') },
    { errorCode: 34, errorMessage: 'm', authBytes: Buffer.alloc(0), sessionLifetimeMs: 1 },
  ],
  CreatePartitions: [
    { topics: [{ name: 't', count: 3, assignments: [{ brokerIds: [1] }] }], timeoutMs: 1, validateOnly: false },
    { throttleTimeMs: 0, results: [{ name: 't', errorCode: 0, errorMessage: null }] },
  ],
  DeleteGroups: [{ groups: ['g'] }, { throttleTimeMs: 0, results: [{ groupId: 'g', errorCode: 68 }] }],
  IncrementalAlterConfigs: [
    {
      resources: [
        { resourceType: 2, resourceName: 't', configs: [{ name: 'retention.ms', operation: 0, value: '1' }] },
      ],
      validateOnly: false,
    },
    { throttleTimeMs: 0, results: [{ errorCode: 0, errorMessage: null, resourceType: 2, resourceName: 't' }] },
  ],
};

describe.each(Object.keys(APIS) as ApiName[])('%s', (name) => {
  const { versionMin, versionMax, key } = apiDefinition(name);
  const [request, response] = SAMPLES[name];

  for (let number = versionMin; number <= versionMax; number++) {
    it(`carries requests and responses in version ${number}`, () => {
      const sent = frameOf(writeRequest(name, number, 77, 'client', request as never));
      const { header, reader } = readRequestHeader(sent);
      expect(header).toEqual({ apiKey: key, apiVersion: number, correlationId: 77, clientId: 'client' });
      const body = readRequestBody(name, number, reader);
      expect(reader.remaining).toBe(0);
      // What was read, written again, is the same message: nothing was lost or shifted.
      expect(frameOf(writeRequest(name, number, 77, 'client', body as never))).toEqual(sent);
      if (number === versionMax) expect(body).toMatchObject(onlyIn(request, body));

      const answered = frameOf(writeResponse(name, number, 78, response as never));
      expect(readCorrelationId(answered)).toBe(78);
      const answer = readResponse(name, number, answered);
      expect(frameOf(writeResponse(name, number, 78, answer as never))).toEqual(answered);
      if (number === versionMax) expect(answer).toMatchObject(onlyIn(response, answer));
    });
  }
});

/** Some fields ended before the last version (their default is read there): leaves those out of the expectation. */
function onlyIn(expected: unknown, actual: unknown): object {
  const ENDED = new Set(['retentionTimeMs', 'commitTimestamp', 'maxOffsets', 'oldStyleOffsets', 'isDefault']);
  const walk = (value: unknown, other: unknown): unknown => {
    if (Buffer.isBuffer(value) || value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((entry, index) => walk(entry, (other as unknown[])[index]));
    const isLeaveGroup = 'members' in value && 'memberId' in value && 'groupId' in value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([field]) => !ENDED.has(field) && !(isLeaveGroup && field === 'memberId'))
        .map(([field, entry]) => [field, walk(entry, (other as Record<string, unknown>)[field])]),
    );
  };
  return walk(expected, actual) as object;
}
