/** Cuts a byte stream into frames: four bytes of size, then so many bytes. */
import { FieldlineError } from '@/lib/errors';
import { FRAME_SIZE_BYTES } from '../codec';
import { FRAME_BYTES_MAX, FRAME_BYTES_MIN } from './limits';

export class FrameReader {
  readonly #size = Buffer.alloc(FRAME_SIZE_BYTES);
  #sizeFilled = 0;
  #frame: Buffer | null = null;
  #filled = 0;

  constructor(
    /** Called when a frame's size is known, before its bytes are held. May throw to refuse it. */
    readonly onBegin: (sizeBytes: number) => void,
    readonly onFrame: (frame: Buffer) => void,
  ) {}

  /** The size of the frame that has begun and is not complete; 0 when none. */
  get begunBytes(): number {
    return this.#frame?.length ?? 0;
  }

  /** Takes the next bytes. Fails with PROTOCOL on a size that no Kafka client sends. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#frame === null) {
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
      this.onFrame(chunk.subarray(at, at + sizeBytes));
      return sizeBytes;
    }
    // Not touched, an allocated page costs nothing: a client that only announces much gets little.
    this.#frame = Buffer.allocUnsafeSlow(sizeBytes);
    this.#filled = 0;
    return 0;
  }

  #fill(chunk: Buffer, at: number): number {
    const frame = this.#frame!;
    const copied = chunk.copy(frame, this.#filled, at, at + frame.length - this.#filled);
    this.#filled += copied;
    if (this.#filled === frame.length) {
      this.#frame = null;
      this.onFrame(frame);
    }
    return copied;
  }
}
