/**
 * The sparse index of one segment: every so many bytes, which offset begins where, and the latest time seen so far.
 * In memory; written beside the segment when it is sealed, and only ever covering what is synced, so a saved index is never wrong,
 * at most short.
 */

/** 24 bytes of memory for this many bytes of log: some 0.4 MB a GB. */
const INTERVAL_BYTES = 64 * 1024;
const GROWTH_ENTRIES_MIN = 16;

export class SegmentIndex {
  #offsets = new Float64Array(GROWTH_ENTRIES_MIN);
  #positions = new Float64Array(GROWTH_ENTRIES_MIN);
  /** The latest time of all batches before this entry's position, so a search by time may start there. */
  #latestBefore = new Float64Array(GROWTH_ENTRIES_MIN);
  #count = 0;
  /** The latest time of the whole segment; -1 while it is empty. */
  latestTimestamp = -1;

  /** Notes a batch that was appended. */
  add(baseOffset: number, position: number, maxTimestamp: number): void {
    const lastPosition = this.#count === 0 ? Number.NEGATIVE_INFINITY : this.#positions[this.#count - 1]!;
    if (position - lastPosition >= INTERVAL_BYTES) this.#push(baseOffset, position, this.latestTimestamp);
    if (maxTimestamp > this.latestTimestamp) this.latestTimestamp = maxTimestamp;
  }

  /** A position at or before the batch that holds `offset`. */
  positionBefore(offset: number): number {
    const entry = this.#lastWhere((index) => this.#offsets[index]! <= offset);
    return entry < 0 ? 0 : this.#positions[entry]!;
  }

  /** A position at or before the first batch whose latest time reaches `timestamp`. */
  positionBeforeTime(timestamp: number): number {
    const entry = this.#lastWhere((index) => this.#latestBefore[index]! < timestamp);
    return entry < 0 ? 0 : this.#positions[entry]!;
  }

  /** Forgets what lies at or beyond a position. The latest time may stay too high: it only makes retention wait. */
  truncate(position: number): void {
    while (this.#count > 0 && this.#positions[this.#count - 1]! >= position) this.#count--;
    if (position === 0) this.latestTimestamp = -1;
  }

  toJSON(): { latestTimestamp: number; entries: [offset: number, position: number, latestBefore: number][] } {
    const entries: [number, number, number][] = [];
    for (let index = 0; index < this.#count; index++)
      entries.push([this.#offsets[index]!, this.#positions[index]!, this.#latestBefore[index]!]);
    return { latestTimestamp: this.latestTimestamp, entries };
  }

  static fromJSON(saved: ReturnType<SegmentIndex['toJSON']>): SegmentIndex {
    const index = new SegmentIndex();
    for (const [offset, position, latestBefore] of saved.entries) index.#push(offset, position, latestBefore);
    index.latestTimestamp = saved.latestTimestamp;
    return index;
  }

  #push(offset: number, position: number, latestBefore: number): void {
    if (this.#count === this.#offsets.length) {
      this.#offsets = grown(this.#offsets);
      this.#positions = grown(this.#positions);
      this.#latestBefore = grown(this.#latestBefore);
    }
    this.#offsets[this.#count] = offset;
    this.#positions[this.#count] = position;
    this.#latestBefore[this.#count] = latestBefore;
    this.#count++;
  }

  /** The last entry for which `holds` is true, by bisection; -1 when for none. `holds` must not become true again. */
  #lastWhere(holds: (index: number) => boolean): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(middle)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function grown(array: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}
