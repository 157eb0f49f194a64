import type { GroupOffsets, TopicStore } from '../log/types';
import type { StreamTopic } from './streams';

/** A group's place in one partition. */
export interface Cursor {
  group: string;
  topic: string;
  partition: number;
  /** The next offset that the group reads. */
  committed: number;
  /** The offset behind the last record. */
  end: number;
}

/** Every committed place in the topics given. */
export function cursorsOf(own: readonly StreamTopic[], topics: TopicStore, offsets: GroupOffsets): Cursor[] {
  const byName = new Map(own.map(({ topic, meta }) => [meta.name, topic]));
  return offsets.groups().flatMap((group) =>
    offsets.committed(group).flatMap(({ topic: name, partition, offset }) => {
      const topic = byName.get(name);
      const end = topics.partition(name, partition)?.highWatermark;
      return topic === undefined || end === undefined ? [] : [{ group, topic, partition, committed: offset, end }];
    }),
  );
}
