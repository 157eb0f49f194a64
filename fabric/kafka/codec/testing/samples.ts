import type { ApiName } from '../apis';

/** For every API: a value that fills each field, as writing takes it. */
export const SAMPLES: { [N in ApiName]: [request: object, response: object] } = {
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
