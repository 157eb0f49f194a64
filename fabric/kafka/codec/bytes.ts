/** Reading and writing the primitive types of the Kafka protocol ("Kafka protocol guide", section "Protocol Primitive Types"). */
import { FieldlineError } from '@/lib/errors';

/** Byte strings from this length on are sent as they are, without a copy into the writer's buffer. */
const BY_REFERENCE_BYTES_MIN = 2048;
const CHUNK_BYTES_MIN = 512;
const TWO_TO_32 = 0x1_0000_0000;
/** A 32-bit unsigned varint has at most five bytes. */
const UVARINT_BYTES_MAX = 5;

const truncated = (what: string) => new FieldlineError('PROTOCOL', `The Kafka message ends inside ${what}`);

/** Reads one message. Byte strings are views into the message, not copies. Fails with PROTOCOL when it ends too early or a length makes no sense. */
export class ByteReader {
  position = 0;
  readonly #view: Buffer;

  constructor(message: Buffer) {
    this.#view = message;
  }

  get remaining(): number {
    return this.#view.length - this.position;
  }

  int8(): number {
    return this.#view.readInt8(this.#advance(1, 'an int8'));
  }

  int16(): number {
    return this.#view.readInt16BE(this.#advance(2, 'an int16'));
  }

  int32(): number {
    return this.#view.readInt32BE(this.#advance(4, 'an int32'));
  }

  /** As a number: offsets, timestamps and producer ids of real systems stay below 2^53. */
  int64(): number {
    const at = this.#advance(8, 'an int64');
    return this.#view.readInt32BE(at) * TWO_TO_32 + this.#view.readUInt32BE(at + 4);
  }

  uvarint(): number {
    let value = 0;
    for (let byteIndex = 0; byteIndex < UVARINT_BYTES_MAX; byteIndex++) {
      const byte = this.#view.readUInt8(this.#advance(1, 'a varint'));
      value += (byte & 0x7f) * 2 ** (7 * byteIndex);
      if ((byte & 0x80) === 0) return value;
    }
    throw new FieldlineError('PROTOCOL', 'A varint of a Kafka message is longer than five bytes');
  }

  bytes(length: number): Buffer {
    const at = this.#advance(length, 'a byte string');
    return this.#view.subarray(at, at + length);
  }

  utf8(length: number): string {
    const at = this.#advance(length, 'a string');
    return this.#view.toString('utf8', at, at + length);
  }

  #advance(length: number, what: string): number {
    if (length < 0 || length > this.remaining) throw truncated(what);
    const at = this.position;
    this.position += length;
    return at;
  }
}

/** Writes one message into a list of buffers; large byte strings are taken by reference. */
export class ByteWriter {
  readonly #chunks: Buffer[] = [];
  #chunk: Buffer = Buffer.allocUnsafe(CHUNK_BYTES_MIN);
  #used = 0;
  #doneBytes = 0;

  get length(): number {
    return this.#doneBytes + this.#used;
  }

  int8(value: number): void {
    const at = this.#reserve(1);
    this.#chunk.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#reserve(2);
    this.#chunk.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#chunk.writeInt32BE(value, at);
  }

  int64(value: number): void {
    const high = Math.floor(value / TWO_TO_32);
    const at = this.#reserve(8);
    this.#chunk.writeInt32BE(high, at);
    this.#chunk.writeUInt32BE(value - high * TWO_TO_32, at + 4);
  }

  uvarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.int8((((rest & 0x7f) | 0x80) << 24) >> 24);
      rest = Math.floor(rest / 0x80);
    }
    this.int8(rest);
  }

  bytes(value: Buffer): void {
    if (value.length < BY_REFERENCE_BYTES_MIN) {
      const at = this.#reserve(value.length);
      value.copy(this.#chunk, at);
      return;
    }
    this.#finishChunk();
    this.#chunks.push(value);
    this.#doneBytes += value.length;
  }

  utf8(value: string, byteLength: number): void {
    const at = this.#reserve(byteLength);
    this.#chunk.write(value, at, byteLength, 'utf8');
  }

  /** The parts of the message in order; the writer must not be used afterwards. */
  finish(): Buffer[] {
    this.#finishChunk();
    return this.#chunks;
  }

  #reserve(length: number): number {
    if (this.#used + length > this.#chunk.length) {
      const size = Math.max(CHUNK_BYTES_MIN, length, this.#chunk.length * 2);
      this.#finishChunk();
      this.#chunk = Buffer.allocUnsafe(size);
    }
    const at = this.#used;
    this.#used += length;
    return at;
  }

  #finishChunk(): void {
    if (this.#used === 0) return;
    this.#chunks.push(this.#chunk.subarray(0, this.#used));
    this.#doneBytes += this.#used;
    this.#chunk = this.#chunk.subarray(this.#used);
    this.#used = 0;
  }
}
