import { FRAME_SIZE_BYTES } from '@/fabric/kafka/codec';
import { FieldlineError } from '@/lib/errors';

/** A broker that sends more in one answer than any fetch asks for is no broker. */
const FRAME_BYTES_MAX = 128 * 1024 * 1024;

export interface Frame {
  bytes: Buffer;
  /** What it was gathered in; null where it is a view of a chunk. */
  gathered: Buffer | null;
}

/** At least this many bytes, with any content. */
export type TakeBuffer = (sizeBytes: number) => Buffer;

/**
 * Cuts a byte stream into frames, without their sizes. A frame of many chunks is filled as they come, and none of them is held: together
 * they are as large as the frame. Its memory is no more than reserved until then, so that announcing much costs nothing.
 */
export class FrameAssembler {
  readonly #size = Buffer.alloc(FRAME_SIZE_BYTES);
  #sizeFilled = 0;
  #gathering: Buffer | null = null;
  #sizeBytes = 0;
  #filled = 0;

  constructor(readonly take: TakeBuffer = Buffer.allocUnsafeSlow) {}

  /** Nothing of a frame has come yet. */
  get empty(): boolean {
    return this.#sizeFilled === 0 && this.#gathering === null;
  }

  /**
   * The frames that `chunk` completes; one that lies whole in it is a view of it.
   * Fails with PROTOCOL on an impossible size.
   */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#gathering === null) {
        at += this.#takeSize(chunk, at);
        if (this.#sizeFilled < FRAME_SIZE_BYTES) break;
        this.#sizeFilled = 0;
        const size = this.#announced();
        if (at + size <= chunk.length) {
          frames.push({ bytes: chunk.subarray(at, at + size), gathered: null });
          at += size;
          continue;
        }
        this.#gathering = this.take(size);
        this.#sizeBytes = size;
        this.#filled = 0;
      }
      const copied = chunk.copy(this.#gathering, this.#filled, at, at + this.#sizeBytes - this.#filled);
      at += copied;
      this.#filled += copied;
      if (this.#filled < this.#sizeBytes) break;
      frames.push({ bytes: this.#gathering.subarray(0, this.#sizeBytes), gathered: this.#gathering });
      this.#gathering = null;
    }
    return frames;
  }

  #takeSize(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#size, this.#sizeFilled, at, at + FRAME_SIZE_BYTES - this.#sizeFilled);
    this.#sizeFilled += copied;
    return copied;
  }

  #announced(): number {
    const size = this.#size.readInt32BE(0);
    if (size < 0 || size > FRAME_BYTES_MAX)
      throw new FieldlineError('PROTOCOL', `A Kafka answer announces ${size} bytes: this is no Kafka broker`);
    return size;
  }
}
