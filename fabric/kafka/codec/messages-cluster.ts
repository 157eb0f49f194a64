/** Message tables: the session, the cluster, topics and their configuration ("Kafka protocol guide", APIs 3, 17 to 20, 32, 33, 36, 37, 44). */
import { AUTHORIZED_OPERATIONS_OMITTED } from './messages-groups';
import {
  array,
  boolean,
  bytes,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  string,
  struct,
  versions,
} from './types';

export const metadataRequest = struct({
  /** Version 0: an empty list means all topics; from version 1 null means all, and empty means none. */
  topics: nullableArray(struct({ name: string })),
  allowAutoTopicCreation: versions(boolean, { from: 4 }, true),
  includeClusterAuthorizedOperations: versions(boolean, { from: 8, to: 10 }, false),
  includeTopicAuthorizedOperations: versions(boolean, { from: 8 }, false),
});
export const metadataResponse = struct({
  throttleTimeMs: versions(int32, { from: 3 }, 0),
  brokers: array(
    struct({ nodeId: int32, host: string, port: int32, rack: versions(nullableString, { from: 1 }, null) }),
  ),
  clusterId: versions(nullableString, { from: 2 }, null),
  controllerId: versions(int32, { from: 1 }, -1),
  topics: array(
    struct({
      errorCode: int16,
      name: string,
      isInternal: versions(boolean, { from: 1 }, false),
      partitions: array(
        struct({
          errorCode: int16,
          index: int32,
          leaderId: int32,
          leaderEpoch: versions(int32, { from: 7 }, -1),
          replicaNodes: array(int32),
          isrNodes: array(int32),
          offlineReplicas: versions(array(int32), { from: 5 }, []),
        }),
      ),
      topicAuthorizedOperations: versions(int32, { from: 8 }, AUTHORIZED_OPERATIONS_OMITTED),
    }),
  ),
  clusterAuthorizedOperations: versions(int32, { from: 8, to: 10 }, AUTHORIZED_OPERATIONS_OMITTED),
});

export const saslHandshakeRequest = struct({ mechanism: string });
export const saslHandshakeResponse = struct({ errorCode: int16, mechanisms: array(string) });

export const saslAuthenticateRequest = struct({ authBytes: bytes });
export const saslAuthenticateResponse = struct({
  errorCode: int16,
  errorMessage: nullableString,
  authBytes: bytes,
  sessionLifetimeMs: versions(int64, { from: 1 }, 0),
});

export const apiVersionsRequest = struct({
  clientSoftwareName: versions(string, { from: 3 }, ''),
  clientSoftwareVersion: versions(string, { from: 3 }, ''),
});
export const apiVersionsResponse = struct({
  errorCode: int16,
  apiKeys: array(struct({ apiKey: int16, minVersion: int16, maxVersion: int16 })),
  throttleTimeMs: versions(int32, { from: 1 }, 0),
});

export const createTopicsRequest = struct({
  topics: array(
    struct({
      name: string,
      /** -1: the broker's default, also where `assignments` says it. */
      partitionCount: int32,
      replicationFactor: int16,
      assignments: array(struct({ index: int32, brokerIds: array(int32) })),
      configs: array(struct({ name: string, value: nullableString })),
    }),
  ),
  timeoutMs: int32,
  validateOnly: versions(boolean, { from: 1 }, false),
});
export const createTopicsResponse = struct({
  throttleTimeMs: versions(int32, { from: 2 }, 0),
  topics: array(struct({ name: string, errorCode: int16, errorMessage: versions(nullableString, { from: 1 }, null) })),
});

export const deleteTopicsRequest = struct({ topicNames: array(string), timeoutMs: int32 });
export const deleteTopicsResponse = struct({
  throttleTimeMs: versions(int32, { from: 1 }, 0),
  topics: array(struct({ name: string, errorCode: int16 })),
});

export const createPartitionsRequest = struct({
  topics: array(
    struct({
      name: string,
      /** The new total. */
      count: int32,
      assignments: nullableArray(struct({ brokerIds: array(int32) })),
    }),
  ),
  timeoutMs: int32,
  validateOnly: boolean,
});
export const createPartitionsResponse = struct({
  throttleTimeMs: int32,
  results: array(struct({ name: string, errorCode: int16, errorMessage: nullableString })),
});

/** Of DescribeConfigs, AlterConfigs and IncrementalAlterConfigs. */
export const RESOURCE_TYPE = { topic: 2, broker: 4 } as const;
/** `configSource` of DescribeConfigs. */
export const CONFIG_SOURCE = { topic: 1, staticBroker: 4, default: 5 } as const;
/** `operation` of IncrementalAlterConfigs. */
export const CONFIG_OPERATION = { set: 0, delete: 1 } as const;

export const describeConfigsRequest = struct({
  resources: array(
    struct({
      resourceType: int8,
      resourceName: string,
      /** Null: all. */
      configurationKeys: nullableArray(string),
    }),
  ),
  includeSynonyms: versions(boolean, { from: 1 }, false),
});
export const describeConfigsResponse = struct({
  throttleTimeMs: int32,
  results: array(
    struct({
      errorCode: int16,
      errorMessage: nullableString,
      resourceType: int8,
      resourceName: string,
      configs: array(
        struct({
          name: string,
          value: nullableString,
          readOnly: boolean,
          isDefault: versions(boolean, { to: 0 }, false),
          configSource: versions(int8, { from: 1 }, -1),
          isSensitive: boolean,
          synonyms: versions(array(struct({ name: string, value: nullableString, source: int8 })), { from: 1 }, []),
        }),
      ),
    }),
  ),
});

const configResults = array(
  struct({ errorCode: int16, errorMessage: nullableString, resourceType: int8, resourceName: string }),
);
export const alterConfigsRequest = struct({
  resources: array(
    struct({
      resourceType: int8,
      resourceName: string,
      configs: array(struct({ name: string, value: nullableString })),
    }),
  ),
  validateOnly: boolean,
});
export const alterConfigsResponse = struct({ throttleTimeMs: int32, results: configResults });

export const incrementalAlterConfigsRequest = struct({
  resources: array(
    struct({
      resourceType: int8,
      resourceName: string,
      configs: array(struct({ name: string, operation: int8, value: nullableString })),
    }),
  ),
  validateOnly: boolean,
});
export const incrementalAlterConfigsResponse = struct({ throttleTimeMs: int32, results: configResults });
