/** Message tables: consumer groups and their offsets ("Kafka protocol guide", APIs 8 to 16 and 42). */
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

/** "Not asked for": what the broker answers where a client asks for no authorised operations. */
export const AUTHORIZED_OPERATIONS_OMITTED = -0x80000000;

export const offsetCommitRequest = struct({
  groupId: string,
  /** -1 with an empty member id: a commit outside any group membership. */
  generationId: versions(int32, { from: 1 }, -1),
  memberId: versions(string, { from: 1 }, ''),
  groupInstanceId: versions(nullableString, { from: 7 }, null),
  retentionTimeMs: versions(int64, { from: 2, to: 4 }, -1),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          index: int32,
          committedOffset: int64,
          committedLeaderEpoch: versions(int32, { from: 6 }, -1),
          commitTimestamp: versions(int64, { from: 1, to: 1 }, -1),
          committedMetadata: nullableString,
        }),
      ),
    }),
  ),
});
export const offsetCommitResponse = struct({
  throttleTimeMs: versions(int32, { from: 3 }, 0),
  topics: array(struct({ name: string, partitions: array(struct({ index: int32, errorCode: int16 })) })),
});

export const offsetFetchRequest = struct({
  groupId: string,
  /** Null, from version 2: every topic the group has committed. */
  topics: nullableArray(struct({ name: string, partitions: array(int32) })),
});
export const offsetFetchResponse = struct({
  throttleTimeMs: versions(int32, { from: 3 }, 0),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          index: int32,
          /** -1: none. */
          committedOffset: int64,
          committedLeaderEpoch: versions(int32, { from: 5 }, -1),
          metadata: nullableString,
          errorCode: int16,
        }),
      ),
    }),
  ),
  errorCode: versions(int16, { from: 2 }, 0),
});

export const findCoordinatorRequest = struct({
  key: string,
  /** 0: group, 1: transaction. */
  keyType: versions(int8, { from: 1 }, 0),
});
export const findCoordinatorResponse = struct({
  throttleTimeMs: versions(int32, { from: 1 }, 0),
  errorCode: int16,
  errorMessage: versions(nullableString, { from: 1 }, null),
  nodeId: int32,
  host: string,
  port: int32,
});

export const joinGroupRequest = struct({
  groupId: string,
  sessionTimeoutMs: int32,
  rebalanceTimeoutMs: versions(int32, { from: 1 }, -1),
  memberId: string,
  groupInstanceId: versions(nullableString, { from: 5 }, null),
  protocolType: string,
  protocols: array(struct({ name: string, metadata: bytes })),
});
export const joinGroupResponse = struct({
  throttleTimeMs: versions(int32, { from: 2 }, 0),
  errorCode: int16,
  generationId: int32,
  protocolName: string,
  leader: string,
  memberId: string,
  members: array(
    struct({ memberId: string, groupInstanceId: versions(nullableString, { from: 5 }, null), metadata: bytes }),
  ),
});

export const heartbeatRequest = struct({
  groupId: string,
  generationId: int32,
  memberId: string,
  groupInstanceId: versions(nullableString, { from: 3 }, null),
});
export const heartbeatResponse = struct({
  throttleTimeMs: versions(int32, { from: 1 }, 0),
  errorCode: int16,
});

export const leaveGroupRequest = struct({
  groupId: string,
  memberId: versions(string, { to: 2 }, ''),
  members: versions(array(struct({ memberId: string, groupInstanceId: nullableString })), { from: 3 }, []),
});
export const leaveGroupResponse = struct({
  throttleTimeMs: versions(int32, { from: 1 }, 0),
  errorCode: int16,
  members: versions(
    array(struct({ memberId: string, groupInstanceId: nullableString, errorCode: int16 })),
    { from: 3 },
    [],
  ),
});

export const syncGroupRequest = struct({
  groupId: string,
  generationId: int32,
  memberId: string,
  groupInstanceId: versions(nullableString, { from: 3 }, null),
  assignments: array(struct({ memberId: string, assignment: bytes })),
});
export const syncGroupResponse = struct({
  throttleTimeMs: versions(int32, { from: 1 }, 0),
  errorCode: int16,
  assignment: bytes,
});

export const describeGroupsRequest = struct({
  groups: array(string),
  includeAuthorizedOperations: versions(boolean, { from: 3 }, false),
});
export const describeGroupsResponse = struct({
  throttleTimeMs: versions(int32, { from: 1 }, 0),
  groups: array(
    struct({
      errorCode: int16,
      groupId: string,
      groupState: string,
      protocolType: string,
      protocolData: string,
      members: array(
        struct({
          memberId: string,
          groupInstanceId: versions(nullableString, { from: 4 }, null),
          clientId: string,
          clientHost: string,
          memberMetadata: bytes,
          memberAssignment: bytes,
        }),
      ),
      authorizedOperations: versions(int32, { from: 3 }, AUTHORIZED_OPERATIONS_OMITTED),
    }),
  ),
});

export const listGroupsRequest = struct({});
export const listGroupsResponse = struct({
  throttleTimeMs: versions(int32, { from: 1 }, 0),
  errorCode: int16,
  groups: array(struct({ groupId: string, protocolType: string })),
});

export const deleteGroupsRequest = struct({ groups: array(string) });
export const deleteGroupsResponse = struct({
  throttleTimeMs: int32,
  results: array(struct({ groupId: string, errorCode: int16 })),
});
