/** Single records within a batch (Kafka documentation, "Record"). The broker looks inside only to find a record by its time. */
import { gunzipSync } from 'node:zlib';
import { FieldlineError } from '@/lib/errors';
import { BATCH_HEADER_BYTES, type Batch, NO_PRODUCER_ID, writeBatchHeader } from './record-batch';

/** A gzip batch that grows beyond this is not looked into. */
const INFLATED_BYTES_MAX = 64 * 1024 * 1024;
/** A 64-bit varint has at most ten bytes. */
const VARINT_BYTES_MAX = 10;

export interface RecordTime {
  offset: number;
  timestamp: number;
}

/** A cursor over zig-zag varints (as in Protocol Buffers). */
class VarintReader {
  constructor(
    readonly bytes: Buffer,
    public position = 0,
  ) {}

  next(): number {
    let value = 0;
    for (let index = 0; index < VARINT_BYTES_MAX; index++) {
      const byte = this.bytes[this.position++];
      if (byte === undefined) throw new FieldlineError('PROTOCOL', 'A record ends inside a varint');
      value += (byte & 0x7f) * 2 ** (7 * index);
      if ((byte & 0x80) === 0) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new FieldlineError('PROTOCOL', 'A varint of a record is longer than ten bytes');
  }

  /** Bytes with their length in front; a length of -1 is null. */
  bytesOrNull(): Buffer | null {
    const length = this.next();
    if (length === -1) return null;
    if (length < 0 || this.position + length > this.bytes.length)
      throw new FieldlineError('PROTOCOL', 'A key or value is longer than its batch');
    const start = this.position;
    this.position += length;
    return this.bytes.subarray(start, this.position);
  }
}

/**
 * Offset and time of each record of a batch, in order; null where the batch is compressed with something Node cannot undo
 * (snappy, lz4, zstd): the caller then takes the batch as the unit. Fails with PROTOCOL on records that make no sense.
 */
export function recordTimes(batch: Batch): RecordTime[] | null {
  return eachRecord(batch, (_reader, time) => time);
}

export interface KeyedRecord extends RecordTime {
  /** Views into the batch, or into what it was unpacked to. */
  key: Buffer | null;
  value: Buffer | null;
}

/** Each record of a batch, in order, without headers; null and failures as `recordTimes` has them. */
export function batchRecords(batch: Batch): KeyedRecord[] | null {
  return eachRecord(batch, (reader, time) => ({ ...time, key: reader.bytesOrNull(), value: reader.bytesOrNull() }));
}

/** `read` gets a reader that stands behind a record's offset delta. */
function eachRecord<T>({ header, bytes }: Batch, read: (reader: VarintReader, time: RecordTime) => T): T[] | null {
  const content = bytes.subarray(BATCH_HEADER_BYTES);
  if (header.compression === 'none') return readEach(header, content, read);
  if (header.compression !== 'gzip') return null;
  let inflated: Buffer;
  try {
    inflated = gunzipSync(content, { maxOutputLength: INFLATED_BYTES_MAX });
  } catch (cause) {
    throw new FieldlineError('PROTOCOL', 'The records of a gzip batch cannot be read', { cause });
  }
  return readEach(header, inflated, read);
}

function readEach<T>(
  header: Batch['header'],
  content: Buffer,
  read: (reader: VarintReader, time: RecordTime) => T,
): T[] {
  const records: T[] = [];
  const reader = new VarintReader(content);
  for (let index = 0; index < header.recordCount; index++) {
    const length = reader.next();
    const end = reader.position + length;
    reader.position += 1; // Attributes: unused in v2.
    const timestampDelta = reader.next();
    const offsetDelta = reader.next();
    if (length < 0 || end > content.length) throw new FieldlineError('PROTOCOL', 'A record is longer than its batch');
    records.push(
      read(reader, { offset: header.baseOffset + offsetDelta, timestamp: header.baseTimestamp + timestampDelta }),
    );
    reader.position = end;
  }
  return records;
}

export interface NewRecord {
  key: Buffer | null;
  value: Buffer | null;
  /** Milliseconds since the epoch. */
  timestamp: number;
  headers?: readonly { key: string; value: Buffer | null }[];
}

/** An uncompressed batch of these records (at least one) with base offset 0, for a client that makes records itself. */
export function buildBatch(
  records: readonly NewRecord[],
  producer: { producerId: number; producerEpoch: number; baseSequence: number } = {
    producerId: NO_PRODUCER_ID,
    producerEpoch: -1,
    baseSequence: -1,
  },
): Buffer {
  const baseTimestamp = records[0]!.timestamp;
  const parts = records.map((record, index) => encodeRecord(record, index, record.timestamp - baseTimestamp));
  const batch = Buffer.concat([Buffer.alloc(BATCH_HEADER_BYTES), ...parts]);
  writeBatchHeader(batch, {
    baseOffset: 0,
    lastOffset: records.length - 1,
    leaderEpoch: -1,
    compression: 'none',
    baseTimestamp,
    maxTimestamp: records.reduce((latest, record) => Math.max(latest, record.timestamp), 0),
    recordCount: records.length,
    ...producer,
  });
  return batch;
}

function encodeRecord(record: NewRecord, offsetDelta: number, timestampDelta: number): Buffer {
  const headers = record.headers ?? [];
  const body = Buffer.concat([
    Buffer.of(0),
    varint(timestampDelta),
    varint(offsetDelta),
    lengthPrefixed(record.key),
    lengthPrefixed(record.value),
    varint(headers.length),
    ...headers.flatMap((header) => [lengthPrefixed(Buffer.from(header.key)), lengthPrefixed(header.value)]),
  ]);
  return Buffer.concat([varint(body.length), body]);
}

function lengthPrefixed(value: Buffer | null): Buffer {
  return value === null ? varint(-1) : Buffer.concat([varint(value.length), value]);
}

function varint(value: number): Buffer {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  const out: number[] = [];
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
  return Buffer.from(out);
}
