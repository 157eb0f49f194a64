/**
 * How far each partition was carried. Connect writes that down only every `offset.flush.interval.ms` (a minute by default) where it has
 * no exactly-once support, so between two times the end of the replica tells: records arrive there in order, and once everything was
 * known to be carried the distance between both ends is known. Duplicates after a restart of Connect make that too high (less seems to
 * wait than does), never for longer than until all is carried and written down again.
 */
export interface PartitionFacts {
  /** First offset of the source that is still there, and the next to be written. */
  low: number;
  end: number;
  /** Offset of the last record known to be carried; null: none. */
  carried: number | null;
  /** The next offset of the replica; null: there is no replica yet. */
  replicaEnd: number | null;
}

interface Known {
  /** End of the replica less that of the source, were all carried; null: not known. */
  shift: number | null;
  /** Of the source, where counting began. */
  base: number;
}

export class Positions {
  readonly #known = new Map<string, Known>();

  /** The next offset of the source to be carried. `partition` is any name for it. */
  observe(partition: string, { low, end, carried, replicaEnd }: PartitionFacts): number {
    const written = Math.min(end, Math.max(low, carried === null ? low : carried + 1));
    const known = this.#known.get(partition) ?? { shift: null, base: written };
    if (carried === null && !replicaEnd) known.shift = -low;
    else if (carried !== null && written === end && replicaEnd !== null) known.shift = replicaEnd - end;
    const seen = replicaEnd === null || known.shift === null ? written : replicaEnd - known.shift;
    this.#known.set(partition, known);
    return Math.min(end, Math.max(written, seen));
  }

  /** Records carried since this partition was first observed. */
  since(partition: string, position: number): number {
    return Math.max(0, position - (this.#known.get(partition)?.base ?? position));
  }
}

/** Since when records wait, from how many there were at each look. */
export class WaitingSince {
  readonly #looks: { at: number; end: number }[] = [];

  /** Age in ms of the oldest record that waits, at most what was seen. `end` and `position` are sums over all partitions. */
  observe(now: number, end: number, position: number): number {
    while (this.#looks.length > 0 && this.#looks[0]!.end <= position) this.#looks.shift();
    if (end <= position) return 0;
    const last = this.#looks.at(-1);
    if (!last || last.end < end) this.#looks.push({ at: now, end });
    if (this.#looks.length > LOOKS_MAX) this.#looks.splice(1, 1);
    return now - this.#looks[0]!.at;
  }
}

/** Bounds a link that is down for long; the oldest stays, which is the one that is told. */
const LOOKS_MAX = 1000;
