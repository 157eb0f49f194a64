/**
 * The streams port: durable, ordered, replayable topics.
 *
 * Not in it: transactions, schemas (see lib/domain/messages), replication (the links port).
 */

/** A topic within one of a site's streams: `pipeline` stays local, `replicated` is carried by the link. */
export interface TopicRef {
  readonly stream: StreamName;
  readonly topic: string;
}
export type StreamName = 'pipeline' | 'replicated';

export interface ProduceRecord {
  /** Records of one key stay in order (same partition). */
  key: string;
  /** UTF-8 text; JSON by convention of lib/domain/messages. */
  value: string;
  headers?: Record<string, string>;
}

export interface StreamRecord extends ProduceRecord {
  topic: TopicRef;
  partition: number;
  /** A decimal string of a 64-bit integer, as every Kafka client has it. */
  offset: string;
  /** Milliseconds since the epoch, set by the producer. */
  timestamp: number;
  headers: Record<string, string>;
}

export interface SubscribeOptions {
  /** Consumer group. Members of one group share the partitions and its committed offsets. */
  group: string;
  /** Fixed topics, or every topic of a stream whose name starts with a prefix; topics that appear later are picked up within `discoveryIntervalMs`. */
  topics: readonly TopicRef[] | { stream: StreamName; prefix: string };
  /** Where a group without a committed offset begins. */
  from: 'earliest' | 'latest';
  /**
   * Called with records of one partition in offset order, at most `maxBatchRecords` at once.
   * The offset behind the last record is committed only after it resolves; when it throws, the same records come again.
   * The signal aborts when the subscription stops or the partition is taken away.
   */
  handler: (records: StreamRecord[], context: { signal: AbortSignal }) => Promise<void>;
  /** At most this many records in one call. Default 500. */
  maxBatchRecords?: number;
  /** How often a prefix subscription looks for new topics, in ms. Default 2000. */
  discoveryIntervalMs?: number;
}

export interface Subscription {
  /** Rejects when the subscription can not go on (the supervisor then marks the service faulted); resolves after `stop`. */
  readonly done: Promise<void>;
  /** Resolves when the group has first assigned partitions (possibly none) to this member. */
  readonly ready: Promise<void>;
  /** Lets a running handler finish, commits, leaves the group. */
  stop(): Promise<void>;
}

export interface TopicInfo {
  ref: TopicRef;
  partitions: number;
}

export interface GroupLag {
  ref: TopicRef;
  /** Records not yet committed by the group, over all partitions. A group that never committed lags by everything there is. */
  records: number;
}

export interface GroupCommit {
  ref: TopicRef;
  partition: number;
  offset: string;
  /** What the committer attached; the link puts its state here as JSON. */
  metadata: string;
}

/** The next record that a group is to get of a partition. */
export type GroupPosition = Pick<GroupCommit, 'ref' | 'partition' | 'offset'>;

export interface Streams {
  /** Resolves when every record is durable, in the order given; rejects otherwise (some may be durable then: consumers are idempotent). */
  produce(topic: TopicRef, records: readonly ProduceRecord[]): Promise<void>;
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Idempotent. Never lowers a topic's partitions. */
  ensureTopic(
    topic: TopicRef,
    options?: { partitions?: number; retentionMs?: number; retentionBytes?: number },
  ): Promise<void>;
  topics(stream: StreamName): Promise<TopicInfo[]>;
  /** The last records of a topic, newest last, over all partitions. For pages and support, not for processing. */
  tail(topic: TopicRef, limit: number): Promise<StreamRecord[]>;
  lag(group: string, topics: readonly TopicRef[]): Promise<GroupLag[]>;
  /** What a group has committed, with its metadata; empty when it never did. */
  commits(group: string, topics: readonly TopicRef[]): Promise<GroupCommit[]>;
  /**
   * Lets a group go on at these positions, to read again or to leave out; durable when it resolves. Partitions that are not named stay where
   * they are. Fails with CONFLICT while the group has members.
   */
  seek(group: string, positions: readonly GroupPosition[]): Promise<void>;
  close(): Promise<void>;
}
