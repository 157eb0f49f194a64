import type { ProduceRecord, StreamName, StreamRecord, TopicRef } from '@/lib/ports';

export const topicKey = (ref: TopicRef) => `${ref.stream}/${ref.topic}`;

/** One partition of a topic: an append-only array. */
export interface MemoryPartition {
  readonly ref: TopicRef;
  readonly index: number;
  readonly records: StreamRecord[];
}
export interface MemoryTopic {
  readonly ref: TopicRef;
  readonly partitions: MemoryPartition[];
  /** True: written by the link only. */
  replica: boolean;
}

/** The durable part of a memory site's streams: topics and committed offsets. Outlives the processes that use it. */
export class MemoryBroker {
  readonly #topics = new Map<string, MemoryTopic>();
  readonly #commits = new Map<string, Map<string, { offset: number; metadata: string }>>();
  readonly #listeners = new Set<() => void>();

  topic(ref: TopicRef): MemoryTopic | undefined {
    return this.#topics.get(topicKey(ref));
  }

  topics(stream: StreamName): MemoryTopic[] {
    return [...this.#topics.values()].filter((topic) => topic.ref.stream === stream);
  }

  ensureTopic(ref: TopicRef, partitions: number, replica = false): MemoryTopic {
    let topic = this.topic(ref);
    if (!topic) {
      topic = { ref, partitions: [], replica };
      this.#topics.set(topicKey(ref), topic);
    }
    for (let index = topic.partitions.length; index < partitions; index++)
      topic.partitions.push({ ref: topic.ref, index, records: [] });
    this.#changed();
    return topic;
  }

  append(topic: MemoryTopic, records: readonly ProduceRecord[], nowMs: number): void {
    for (const record of records) {
      const partition = topic.partitions[hash(record.key) % topic.partitions.length]!;
      partition.records.push({
        key: record.key,
        value: record.value,
        headers: { ...record.headers },
        topic: topic.ref,
        partition: partition.index,
        offset: String(partition.records.length),
        timestamp: nowMs,
      });
    }
    this.#changed();
  }

  /** What the link brings: verbatim, with its offsets. */
  appendReplica(partition: MemoryPartition, records: readonly StreamRecord[]): void {
    partition.records.push(...records);
    this.#changed();
  }

  committed(group: string, partition: MemoryPartition): { offset: number; metadata: string } | undefined {
    return this.#commits.get(group)?.get(partitionKey(partition));
  }

  commit(group: string, partition: MemoryPartition, offset: number, metadata = ''): void {
    let commits = this.#commits.get(group);
    if (!commits) {
      commits = new Map();
      this.#commits.set(group, commits);
    }
    commits.set(partitionKey(partition), { offset, metadata });
  }

  /** Calls back whenever there may be something new. Returns the unsubscriber. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

export const partitionKey = (partition: MemoryPartition) => `${topicKey(partition.ref)}#${partition.index}`;

/** FNV-1a: any hash does, as long as a key keeps its partition. */
function hash(key: string): number {
  let value = 0x811c9dc5;
  for (let n = 0; n < key.length; n++) value = Math.imul(value ^ key.charCodeAt(n), 0x01000193) >>> 0;
  return value;
}
