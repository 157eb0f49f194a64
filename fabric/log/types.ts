/**
 * The log as the rest of the fabric sees it. Offsets are integers (safe to 2^53).
 * Record batches are Kafka's v2 format, stored and served verbatim except for base offset and leader epoch.
 */

export interface TopicConfig {
  /** -1: for ever. */
  retentionMs: number;
  /** Per partition; -1: no limit. */
  retentionBytes: number;
  segmentBytes: number;
}

export interface TopicMeta {
  /** The Kafka name: `<mission>.<stream>.<topic>` for topics of a stream (stream path `/mission/stream`). */
  name: string;
  partitions: number;
  config: TopicConfig;
  /** True: written by the link only; clients' produce requests are refused. */
  replica: boolean;
}

export interface PartitionLog {
  readonly topic: string;
  readonly partition: number;
  /** First offset still held. */
  readonly logStart: number;
  /** End of what is fsynced: the next offset a reader may wait for. */
  readonly highWatermark: number;
  /** Bytes from `from` to the high watermark, roughly (by index). */
  bytesFrom(from: number): number;
  /** Timestamp (ms) of the first record at or after `offset`; null when there is none. */
  timestampAt(offset: number): Promise<number | null>;
  /** Verbatim batches starting with the one that contains `offset`; whole batches, at least one, up to about `maxBytes`; empty at the end. Fails when `offset` is outside the log. */
  read(offset: number, maxBytes: number): Promise<Buffer>;
  /** Appends what a remote log holds, with its offsets. The first batch must begin at the log end, or beyond it (a gap that the source no longer holds); batches wholly below the end are skipped. Resolves when fsynced. */
  appendReplica(batches: Buffer): Promise<void>;
  /** Resolves when the high watermark passes `offset`, or after `timeoutMs`, or when the signal aborts; true when it passed. */
  waitBeyond(offset: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
}

export interface TopicStore {
  list(): TopicMeta[];
  get(name: string): TopicMeta | undefined;
  partition(name: string, partition: number): PartitionLog | undefined;
  /** Resolves when durable. Fails with CONFLICT when it exists, REQUEST_INVALID on a bad name or count. */
  create(
    name: string,
    options: { partitions: number; config?: Partial<TopicConfig>; replica?: boolean },
  ): Promise<TopicMeta>;
  addPartitions(name: string, total: number): Promise<void>;
  setConfig(name: string, config: Partial<TopicConfig>): Promise<void>;
  setReplica(name: string, replica: boolean): Promise<void>;
  delete(name: string): Promise<void>;
  /** Physical bytes of a topic. */
  bytes(name: string): number;
  /** What is wrong with topics, a sentence each: damaged, or refusing records. */
  troubles(): string[];
  /** Calls back with the topic's name when one is created, deleted or its partitions grow. Returns the unsubscriber. */
  onChange(listener: (topic: string) => void): () => void;
}

/** Committed offsets of consumer groups, for the admin door's cursor list and for lag. */
export interface GroupOffsets {
  groups(): string[];
  committed(
    group: string,
  ): { topic: string; partition: number; offset: number; metadata: string; committedAt: number }[];
}
