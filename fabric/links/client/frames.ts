import { FRAME_SIZE_BYTES } from '@/fabric/kafka/codec';
import { FieldlineError } from '@/lib/errors';

/** A broker that sends more in one answer than any fetch asks for is no broker. */
const FRAME_BYTES_MAX = 128 * 1024 * 1024;

/** Cuts a byte stream into frames, without their sizes. */
export class FrameAssembler {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes needed before anything can be done. */
  #needed = FRAME_SIZE_BYTES;

  /** Nothing of a frame has come yet. */
  get empty(): boolean {
    return this.#bytes === 0;
  }

  /** The frames that `chunk` completes. Fails with PROTOCOL on an impossible size. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed) return [];
    const data = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#bytes);
    const frames: Buffer[] = [];
    let at = 0;
    this.#needed = FRAME_SIZE_BYTES;
    while (at + FRAME_SIZE_BYTES <= data.length) {
      const size = data.readInt32BE(at);
      if (size < 0 || size > FRAME_BYTES_MAX)
        throw new FieldlineError('PROTOCOL', `A Kafka answer announces ${size} bytes: this is no Kafka broker`);
      if (at + FRAME_SIZE_BYTES + size > data.length) {
        this.#needed = FRAME_SIZE_BYTES + size;
        break;
      }
      frames.push(data.subarray(at + FRAME_SIZE_BYTES, at + FRAME_SIZE_BYTES + size));
      at += FRAME_SIZE_BYTES + size;
    }
    this.#chunks = at < data.length ? [data.subarray(at)] : [];
    this.#bytes = data.length - at;
    return frames;
  }
}
