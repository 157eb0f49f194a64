/**
 * Buffers for large frames, used again. A fresh one costs page faults when it is filled and garbage collection when it is dropped: a
 * fifth of the processor time of a busy producer connection.
 */
import { collectGarbage } from '@/lib/process/collect-garbage';

/** Smaller frames lie whole in what the socket read, or are cheap. */
const POOLED_BYTES_MIN = 64 * 1024;
/** What a link asks for at once; larger frames are rare. */
const POOLED_BYTES_MAX = 4 * 1024 * 1024;
/** Kept in all while nobody uses them. */
const KEPT_BYTES_MAX = 12 * 1024 * 1024;
/** After so long without a large frame the load is over, and its memory goes back to the system. */
const REST_AFTER_MS = 5_000;

export class BufferPool {
  /** By capacity, a power of two. */
  readonly #free = new Map<number, Buffer[]>();
  #keptBytes = 0;
  /** There were large frames since the last rest: kept here, or too large for that, and garbage. */
  #wasBusy = false;
  readonly #rest: NodeJS.Timeout;

  /** `collect` frees what was dropped: nothing else would, in a process that has nothing to do. */
  constructor(collect: () => void = collectGarbage) {
    this.#rest = setTimeout(() => {
      if (!this.#wasBusy) return;
      this.#wasBusy = false;
      this.#free.clear();
      this.#keptBytes = 0;
      collect();
    }, REST_AFTER_MS);
    this.#rest.unref();
  }

  /** At least this many bytes, with any content. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes < POOLED_BYTES_MIN) return Buffer.allocUnsafeSlow(sizeBytes);
    this.#wasBusy = true;
    this.#rest.refresh();
    if (sizeBytes > POOLED_BYTES_MAX) return Buffer.allocUnsafeSlow(sizeBytes);
    const capacity = 2 ** Math.ceil(Math.log2(sizeBytes));
    const kept = this.#free.get(capacity)?.pop();
    if (!kept) return Buffer.allocUnsafeSlow(capacity);
    this.#keptBytes -= capacity;
    return kept;
  }

  /** Gives a buffer of `take` back. Nobody may hold a view of it any more. */
  give(buffer: Buffer): void {
    const capacity = buffer.length;
    const isPooled =
      capacity >= POOLED_BYTES_MIN && capacity <= POOLED_BYTES_MAX && Number.isInteger(Math.log2(capacity));
    if (!isPooled || this.#keptBytes + capacity > KEPT_BYTES_MAX) return;
    // One that was filled slowly comes after the rest of the others.
    this.#wasBusy = true;
    this.#rest.refresh();
    this.#keptBytes += capacity;
    const free = this.#free.get(capacity);
    if (free) free.push(buffer);
    else this.#free.set(capacity, [buffer]);
  }
}
