/**
 * Record batches of format v2 (Kafka documentation, "Record Batch"). The fabric stores and serves them verbatim, compressed or not:
 * base offset and leader epoch lie before the checksummed part, so that giving a batch its offset costs no new checksum.
 */
import { FieldlineError } from '@/lib/errors';
import { crc32c } from './crc32c';

/** Position of each header field from the start of the batch. */
const AT = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
} as const;

/** Bytes in front of the part that `batchLength` counts: base offset and length. */
export const LENGTH_PREFIX_BYTES = 12;
export const BATCH_HEADER_BYTES = 61;
const MAGIC_V2 = 2;
const COMPRESSION_MASK = 0x07;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;
/** Sequence numbers wrap here: the one after 2^31 - 1 is 0. */
export const SEQUENCE_MODULUS = 0x8000_0000;
export const NO_PRODUCER_ID = -1;

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

export interface BatchHeader {
  baseOffset: number;
  /** Of the last record; records may have been removed from within. */
  lastOffset: number;
  /** The whole batch, header included. */
  sizeBytes: number;
  leaderEpoch: number;
  compression: Compression | undefined;
  transactional: boolean;
  control: boolean;
  /** Milliseconds since the epoch; -1 where the producer gave none. */
  baseTimestamp: number;
  maxTimestamp: number;
  /** -1: not idempotent. */
  producerId: number;
  producerEpoch: number;
  baseSequence: number;
  recordCount: number;
}

function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * SEQUENCE_MODULUS * 2 + buffer.readUInt32BE(at + 4);
}

function writeInt64(buffer: Buffer, value: number, at: number): void {
  const high = Math.floor(value / (SEQUENCE_MODULUS * 2));
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * SEQUENCE_MODULUS * 2, at + 4);
}

/** The size of the batch at `at` as its header says it; null when fewer than twelve bytes are there or the size is impossible. */
export function batchSizeAt(buffer: Buffer, at = 0): number | null {
  if (at + LENGTH_PREFIX_BYTES > buffer.length) return null;
  const size = buffer.readInt32BE(at + AT.batchLength) + LENGTH_PREFIX_BYTES;
  return size < BATCH_HEADER_BYTES ? null : size;
}

/** The header of the batch at `at`; null when there is no whole v2 header. Says nothing about the checksum. */
export function batchHeaderAt(buffer: Buffer, at = 0): BatchHeader | null {
  const sizeBytes = batchSizeAt(buffer, at);
  if (sizeBytes === null || at + BATCH_HEADER_BYTES > buffer.length) return null;
  if (buffer[at + AT.magic] !== MAGIC_V2) return null;
  const attributes = buffer.readInt16BE(at + AT.attributes);
  const baseOffset = readInt64(buffer, at + AT.baseOffset);
  return {
    baseOffset,
    lastOffset: baseOffset + buffer.readInt32BE(at + AT.lastOffsetDelta),
    sizeBytes,
    leaderEpoch: buffer.readInt32BE(at + AT.leaderEpoch),
    compression: COMPRESSIONS[attributes & COMPRESSION_MASK],
    transactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    control: (attributes & CONTROL_BIT) !== 0,
    baseTimestamp: readInt64(buffer, at + AT.baseTimestamp),
    maxTimestamp: readInt64(buffer, at + AT.maxTimestamp),
    producerId: readInt64(buffer, at + AT.producerId),
    producerEpoch: buffer.readInt16BE(at + AT.producerEpoch),
    baseSequence: buffer.readInt32BE(at + AT.baseSequence),
    recordCount: buffer.readInt32BE(at + AT.recordCount),
  };
}

/** Whether the batch at `at`, of `sizeBytes`, is whole and carries the checksum of its content. */
export function batchIsIntact(buffer: Buffer, at: number, sizeBytes: number): boolean {
  if (at + sizeBytes > buffer.length) return false;
  return buffer.readUInt32BE(at + AT.crc) === crc32c(buffer, at + AT.attributes, at + sizeBytes);
}

export interface Batch {
  header: BatchHeader;
  /** A view into the buffer it was read from. */
  bytes: Buffer;
}

/**
 * The batches of `records`, each checked: v2, whole, checksum right, counts sensible.
 * Fails with PROTOCOL on anything else, also on a batch that is cut short at the end.
 */
export function parseBatches(records: Buffer): Batch[] {
  const batches: Batch[] = [];
  for (let at = 0; at < records.length; ) {
    const header = batchHeaderAt(records, at);
    if (header === null)
      throw new FieldlineError('PROTOCOL', 'There is no record batch of format v2 where one must be');
    if (!batchIsIntact(records, at, header.sizeBytes))
      throw new FieldlineError('PROTOCOL', 'A record batch is cut short or its checksum is wrong');
    const lastOffsetDelta = header.lastOffset - header.baseOffset;
    if (header.recordCount < 0 || lastOffsetDelta < 0 || header.recordCount > lastOffsetDelta + 1)
      throw new FieldlineError('PROTOCOL', 'The record count of a batch does not match its offsets');
    batches.push({ header, bytes: records.subarray(at, at + header.sizeBytes) });
    at += header.sizeBytes;
  }
  return batches;
}

/** The offset behind the last record of whole batches, of which there is at least one. */
export function endOffsetOf(batches: Buffer): number {
  let last = 0;
  for (let at = 0; at < batches.length; at += batchSizeAt(batches, at)!) last = at;
  return readInt64(batches, last + AT.baseOffset) + batches.readInt32BE(last + AT.lastOffsetDelta) + 1;
}

/** Drops a batch that is cut short at the end, as a broker may send at a fetch limit. A view, not a copy. */
export function wholeBatches(records: Buffer): Buffer {
  let at = 0;
  for (;;) {
    const size = batchSizeAt(records, at);
    if (size === null || at + size > records.length) return records.subarray(0, at);
    at += size;
  }
}

/** Gives the batch at the start of `batch` its place in a log. In place; the checksum stays right. */
export function patchPosition(batch: Buffer, baseOffset: number, leaderEpoch: number): void {
  writeInt64(batch, baseOffset, AT.baseOffset);
  batch.writeInt32BE(leaderEpoch, AT.leaderEpoch);
}

/** Makes the batch one of another idempotent producer. In place, with a new checksum; needs the whole batch and nothing else in `batch`. */
export function rewriteProducer(
  batch: Buffer,
  producer: { producerId: number; producerEpoch: number; baseSequence: number },
): void {
  writeInt64(batch, producer.producerId, AT.producerId);
  batch.writeInt16BE(producer.producerEpoch, AT.producerEpoch);
  batch.writeInt32BE(producer.baseSequence, AT.baseSequence);
  sealBatch(batch);
}

/** Writes the checksum of a batch whose other fields are in place. */
export function sealBatch(batch: Buffer): void {
  batch.writeUInt32BE(crc32c(batch, AT.attributes), AT.crc);
}

/** Writes the whole header of a new batch into the first BATCH_HEADER_BYTES of `batch`, which already holds the records, and seals it. */
export function writeBatchHeader(
  batch: Buffer,
  header: Omit<BatchHeader, 'sizeBytes' | 'compression' | 'transactional' | 'control'> & { compression: Compression },
): void {
  writeInt64(batch, header.baseOffset, AT.baseOffset);
  batch.writeInt32BE(batch.length - LENGTH_PREFIX_BYTES, AT.batchLength);
  batch.writeInt32BE(header.leaderEpoch, AT.leaderEpoch);
  batch.writeInt8(MAGIC_V2, AT.magic);
  batch.writeInt16BE(COMPRESSIONS.indexOf(header.compression), AT.attributes);
  batch.writeInt32BE(header.lastOffset - header.baseOffset, AT.lastOffsetDelta);
  writeInt64(batch, header.baseTimestamp, AT.baseTimestamp);
  writeInt64(batch, header.maxTimestamp, AT.maxTimestamp);
  writeInt64(batch, header.producerId, AT.producerId);
  batch.writeInt16BE(header.producerEpoch, AT.producerEpoch);
  batch.writeInt32BE(header.baseSequence, AT.baseSequence);
  batch.writeInt32BE(header.recordCount, AT.recordCount);
  sealBatch(batch);
}

/** The sequence number that follows `count` records after `sequence`. */
export function nextSequence(sequence: number, count: number): number {
  return (sequence + count) % SEQUENCE_MODULUS;
}
