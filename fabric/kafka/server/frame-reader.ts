/** Cuts a byte stream into frames: four bytes of size, then so many bytes. */
import { FieldlineError } from '@/lib/errors';
import { FRAME_SIZE_BYTES } from '../codec';
import type { BufferPool } from './buffer-pool';
import { FRAME_BYTES_MAX, FRAME_BYTES_MIN } from './limits';

export interface Frame {
  bytes: Buffer;
  /** To give back to the pool when nobody needs the bytes any more; null where they lie in what the socket read. */
  pooled: Buffer | null;
}

export class FrameReader {
  readonly #size = Buffer.alloc(FRAME_SIZE_BYTES);
  #sizeFilled = 0;
  #gathering: { bytes: Buffer; pooled: Buffer } | null = null;
  #filled = 0;

  constructor(
    readonly pool: BufferPool,
    /** Called when a frame's size is known, before its bytes are held. May throw to refuse it. */
    readonly onBegin: (sizeBytes: number) => void,
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
    this.onBegin(sizeBytes);
    this.#sizeFilled = 0;
    if (chunk.length - at >= sizeBytes) {
      this.onFrame({ bytes: chunk.subarray(at, at + sizeBytes), pooled: null });
      return sizeBytes;
    }
    // Not touched, an allocated page costs nothing: a client that only announces much gets little.
    const pooled = this.pool.take(sizeBytes);
    this.#gathering = { bytes: pooled.subarray(0, sizeBytes), pooled };
    this.#filled = 0;
    return 0;
  }

  #fill(chunk: Buffer, at: number): number {
    const { bytes, pooled } = this.#gathering!;
    const copied = chunk.copy(bytes, this.#filled, at, at + bytes.length - this.#filled);
    this.#filled += copied;
    if (this.#filled === bytes.length) {
      this.#gathering = null;
      this.onFrame({ bytes, pooled });
    }
    return copied;
  }
}
