/** Cuts a byte stream into frames: four bytes of size, then so many bytes. */
import { FieldlineError } from '@/lib/errors';
import type { BufferPool } from '../buffer-pool';
import { FRAME_SIZE_BYTES } from '../codec';
import { FRAME_BYTES_MAX, FRAME_BYTES_MIN } from './limits';

/** A frame that does not lie in one chunk begins with so much room; a client that only announces more does not get it. */
const GATHERED_BYTES_FIRST = 2 * 1024 * 1024;

export interface Frame {
  bytes: Buffer;
  /** To give back to the pool when nobody needs the bytes any more; null where they lie in what the socket read. */
  pooled: Buffer | null;
}

export class FrameReader {
  readonly #size = Buffer.alloc(FRAME_SIZE_BYTES);
  #sizeFilled = 0;
  /** Holds the beginning of a frame of `#sizeBytes`, and may be larger. */
  #gathering: Buffer | null = null;
  #sizeBytes = 0;
  #filled = 0;

  constructor(
    readonly pool: BufferPool,
    /** Called with what of a frame is held from now on. May throw to refuse it. What is only announced costs nobody anything. */
    readonly onHold: (sizeBytes: number) => void,
    readonly onFrame: (frame: Frame) => void,
  ) {}

  /** Takes the next bytes. Fails with PROTOCOL on a size that no Kafka client sends. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#gathering === null) {
        at += this.#takeSize(chunk, at);
        if (this.#sizeFilled < FRAME_SIZE_BYTES) return;
        at += this.#begin(chunk, at);
      } else {
        at += this.#fill(chunk, at);
      }
    }
  }

  #takeSize(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#size, this.#sizeFilled, at, at + FRAME_SIZE_BYTES - this.#sizeFilled);
    this.#sizeFilled += copied;
    return copied;
  }

  /** A frame that lies whole in the chunk is passed on as a view; a larger one is gathered. */
  #begin(chunk: Buffer, at: number): number {
    const sizeBytes = this.#size.readInt32BE(0);
    if (sizeBytes < FRAME_BYTES_MIN || sizeBytes > FRAME_BYTES_MAX)
      throw new FieldlineError('PROTOCOL', `A frame of ${sizeBytes} bytes is not what a Kafka client sends`);
    this.#sizeFilled = 0;
    if (chunk.length - at >= sizeBytes) {
      this.onHold(sizeBytes);
      this.onFrame({ bytes: chunk.subarray(at, at + sizeBytes), pooled: null });
      return sizeBytes;
    }
    this.#gathering = this.pool.take(Math.min(sizeBytes, GATHERED_BYTES_FIRST));
    this.#sizeBytes = sizeBytes;
    this.#filled = 0;
    return 0;
  }

  #fill(chunk: Buffer, at: number): number {
    if (this.#filled === this.#gathering!.length) this.#grow();
    const gathering = this.#gathering!;
    const end = Math.min(gathering.length, this.#sizeBytes);
    const copied = chunk.copy(gathering, this.#filled, at, at + end - this.#filled);
    this.#filled += copied;
    this.onHold(copied);
    if (this.#filled === this.#sizeBytes) {
      this.#gathering = null;
      this.onFrame({ bytes: gathering.subarray(0, this.#sizeBytes), pooled: gathering });
    }
    return copied;
  }

  #grow(): void {
    const full = this.#gathering!;
    const larger = this.pool.take(Math.min(this.#sizeBytes, 2 * full.length));
    full.copy(larger);
    this.pool.give(full);
    this.#gathering = larger;
  }
}
