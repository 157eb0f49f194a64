/** Message tables: producing, fetching and finding offsets ("Kafka protocol guide", APIs 0, 1, 2, 21, 22, 23). */
import {
  array,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableBytes,
  nullableString,
  string,
  struct,
  versions,
} from './types';

export const produceRequest = struct({
  transactionalId: versions(nullableString, { from: 3 }, null),
  /** 0: no answer; 1 and -1: when durable. */
  acks: int16,
  timeoutMs: int32,
  topics: array(struct({ name: string, partitions: array(struct({ index: int32, records: nullableBytes })) })),
});
export const produceResponse = struct({
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          index: int32,
          errorCode: int16,
          baseOffset: int64,
          logAppendTimeMs: versions(int64, { from: 2 }, -1),
          logStartOffset: versions(int64, { from: 5 }, -1),
          recordErrors: versions(array(struct({ batchIndex: int32, message: nullableString })), { from: 8 }, []),
          errorMessage: versions(nullableString, { from: 8 }, null),
        }),
      ),
    }),
  ),
  throttleTimeMs: versions(int32, { from: 1 }, 0),
});

export const fetchRequest = struct({
  /** -1: a consumer. */
  replicaId: int32,
  maxWaitMs: int32,
  minBytes: int32,
  maxBytes: versions(int32, { from: 3 }, 0x7fffffff),
  isolationLevel: versions(int8, { from: 4 }, 0),
  sessionId: versions(int32, { from: 7 }, 0),
  sessionEpoch: versions(int32, { from: 7 }, -1),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          index: int32,
          currentLeaderEpoch: versions(int32, { from: 9 }, -1),
          fetchOffset: int64,
          logStartOffset: versions(int64, { from: 5 }, -1),
          partitionMaxBytes: int32,
        }),
      ),
    }),
  ),
  forgottenTopics: versions(array(struct({ name: string, partitions: array(int32) })), { from: 7 }, []),
  rackId: versions(string, { from: 11 }, ''),
});
export const fetchResponse = struct({
  throttleTimeMs: versions(int32, { from: 1 }, 0),
  errorCode: versions(int16, { from: 7 }, 0),
  sessionId: versions(int32, { from: 7 }, 0),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          index: int32,
          errorCode: int16,
          highWatermark: int64,
          lastStableOffset: versions(int64, { from: 4 }, -1),
          logStartOffset: versions(int64, { from: 5 }, -1),
          abortedTransactions: versions(
            nullableArray(struct({ producerId: int64, firstOffset: int64 })),
            { from: 4 },
            null,
          ),
          preferredReadReplica: versions(int32, { from: 11 }, -1),
          records: nullableBytes,
        }),
      ),
    }),
  ),
});

export const listOffsetsRequest = struct({
  replicaId: int32,
  isolationLevel: versions(int8, { from: 2 }, 0),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          index: int32,
          currentLeaderEpoch: versions(int32, { from: 4 }, -1),
          /** -1: latest, -2: earliest, else the first record at or after this time (ms). */
          timestamp: int64,
          maxOffsets: versions(int32, { to: 0 }, 1),
        }),
      ),
    }),
  ),
});
export const listOffsetsResponse = struct({
  throttleTimeMs: versions(int32, { from: 2 }, 0),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          index: int32,
          errorCode: int16,
          oldStyleOffsets: versions(array(int64), { to: 0 }, []),
          timestamp: versions(int64, { from: 1 }, -1),
          offset: versions(int64, { from: 1 }, -1),
          leaderEpoch: versions(int32, { from: 4 }, -1),
        }),
      ),
    }),
  ),
});

export const deleteRecordsRequest = struct({
  /** -1 as offset: up to the high watermark. */
  topics: array(struct({ name: string, partitions: array(struct({ index: int32, offset: int64 })) })),
  timeoutMs: int32,
});
export const deleteRecordsResponse = struct({
  throttleTimeMs: int32,
  topics: array(
    struct({ name: string, partitions: array(struct({ index: int32, lowWatermark: int64, errorCode: int16 })) }),
  ),
});

export const initProducerIdRequest = struct({ transactionalId: nullableString, transactionTimeoutMs: int32 });
export const initProducerIdResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  producerId: int64,
  producerEpoch: int16,
});

export const offsetForLeaderEpochRequest = struct({
  replicaId: versions(int32, { from: 3 }, -2),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({ index: int32, currentLeaderEpoch: versions(int32, { from: 2 }, -1), leaderEpoch: int32 }),
      ),
    }),
  ),
});
export const offsetForLeaderEpochResponse = struct({
  throttleTimeMs: versions(int32, { from: 2 }, 0),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          errorCode: int16,
          index: int32,
          leaderEpoch: versions(int32, { from: 1 }, -1),
          endOffset: int64,
        }),
      ),
    }),
  ),
});
