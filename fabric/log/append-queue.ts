/** What waits to be written to one partition: bounded, and taken in groups, so that many appends share one fsync. */
import { FieldlineError } from '@/lib/errors';
import type { Batch } from '../kafka/record-batch';

/** Beyond this a partition is too slow for its producers, who then have to try again. */
const PENDING_BYTES_MAX = 256 * 1024 * 1024;
/** One write and its fsync; larger groups gain nothing and hold memory longer. */
const GROUP_BYTES_MAX = 16 * 1024 * 1024;

export interface AppendResult {
  /** Of the first batch. */
  baseOffset: number;
}

export interface PendingAppend {
  batches: readonly Batch[];
  bytes: number;
  /** Batches of a replica keep the offsets they carry. */
  keepOffsets: boolean;
  resolve(result: AppendResult): void;
  reject(error: unknown): void;
}

export class AppendQueue {
  #pending: PendingAppend[] = [];
  #pendingBytes = 0;

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  /** The size of the batch that comes first; 0 when none waits. */
  get firstBatchBytes(): number {
    return this.#pending[0]?.batches[0]?.bytes.length ?? 0;
  }

  /** Resolves when written. Fails with UNAVAILABLE at once when too much waits already. */
  add(batches: readonly Batch[], keepOffsets: boolean): Promise<AppendResult> {
    const bytes = batches.reduce((sum, batch) => sum + batch.bytes.length, 0);
    if (this.#pendingBytes + bytes > PENDING_BYTES_MAX)
      return Promise.reject(
        new FieldlineError('UNAVAILABLE', 'The disk does not keep up with what is produced to this partition'),
      );
    this.#pendingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#pending.push({ batches, bytes, keepOffsets, resolve, reject });
    });
  }

  /** The next group, in order: at least one append, about `bytesMax` at most; appends of a replica come alone. */
  take(bytesMax: number): PendingAppend[] {
    const limit = Math.min(GROUP_BYTES_MAX, bytesMax);
    let count = 0;
    let bytes = 0;
    for (const append of this.#pending) {
      if (count > 0 && (bytes + append.bytes > limit || append.keepOffsets || this.#pending[0]!.keepOffsets)) break;
      bytes += append.bytes;
      count++;
    }
    const group = this.#pending.slice(0, count);
    this.#pending = this.#pending.slice(count);
    this.#pendingBytes -= bytes;
    return group;
  }
}
