/** The committed offsets of consumer groups, durable. They are kept until the group or the topic is deleted: an edge may be off for months. */
import path from 'node:path';
import type { Clock } from '@/lib/clock/clock';
import { Journal } from '../../log/journal';
import type { LogFs } from '../../log/log-fs';
import type { GroupOffsets } from '../../log/types';

export interface CommittedOffset {
  topic: string;
  partition: number;
  offset: number;
  metadata: string;
  /** Milliseconds since the epoch. */
  committedAt: number;
}

type Entry =
  | { kind: 'commit'; group: string; topic: string; partition: number; offset: number; metadata: string; at: number }
  | { kind: 'delete-group'; group: string }
  | { kind: 'delete-topic'; topic: string };

export class OffsetStore implements GroupOffsets {
  /** Per group, by topic and partition. */
  readonly #groups = new Map<string, Map<string, CommittedOffset>>();
  readonly #clock: Clock;
  #journal: Journal<Entry> | null = null;

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  static async open(directory: string, fs: LogFs, clock: Clock): Promise<OffsetStore> {
    const store = new OffsetStore(clock);
    store.#journal = await Journal.open<Entry>({
      fs,
      file: path.join(directory, 'offsets.journal'),
      apply: (entry) => store.#apply(entry),
      snapshot: () => store.#snapshot(),
    });
    return store;
  }

  groups(): string[] {
    return [...this.#groups.keys()].sort();
  }

  committed(group: string): CommittedOffset[] {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  find(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#groups.get(group)?.get(keyOf(topic, partition));
  }

  /** Resolves when durable. Fails with UNAVAILABLE. */
  commit(group: string, offsets: readonly Omit<CommittedOffset, 'committedAt'>[]): Promise<void> {
    const at = this.#clock.now();
    return this.#append(offsets.map((offset) => ({ kind: 'commit', group, at, ...offset })));
  }

  deleteGroup(group: string): Promise<void> {
    return this.#append([{ kind: 'delete-group', group }]);
  }

  /** Forgets what groups have committed for a topic that is gone: one of that name made later begins anew. */
  async deleteTopic(topic: string): Promise<void> {
    const isKnown = [...this.#groups.values()].some((group) =>
      [...group.values()].some((offset) => offset.topic === topic),
    );
    if (isKnown) await this.#append([{ kind: 'delete-topic', topic }]);
  }

  async close(): Promise<void> {
    await this.#journal?.close();
  }

  #append(entries: Entry[]): Promise<void> {
    return this.#journal!.append(entries);
  }

  #apply(entry: Entry): void {
    if (entry.kind === 'delete-group') {
      this.#groups.delete(entry.group);
      return;
    }
    if (entry.kind === 'delete-topic') {
      for (const [id, group] of this.#groups) {
        for (const [key, offset] of group) if (offset.topic === entry.topic) group.delete(key);
        if (group.size === 0) this.#groups.delete(id);
      }
      return;
    }
    const group = this.#groups.get(entry.group) ?? new Map<string, CommittedOffset>();
    this.#groups.set(entry.group, group);
    const { topic, partition, offset, metadata, at } = entry;
    group.set(keyOf(topic, partition), { topic, partition, offset, metadata, committedAt: at });
  }

  #snapshot(): Entry[] {
    return [...this.#groups].flatMap(([group, offsets]) =>
      [...offsets.values()].map(({ topic, partition, offset, metadata, committedAt }): Entry => {
        return { kind: 'commit', group, topic, partition, offset, metadata, at: committedAt };
      }),
    );
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
