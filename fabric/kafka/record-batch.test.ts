import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c';
import {
  BATCH_HEADER_BYTES,
  batchHeaderAt,
  nextSequence,
  parseBatches,
  patchPosition,
  rewriteProducer,
  wholeBatches,
  writeBatchHeader,
} from './record-batch';
import { buildBatch, recordTimes } from './records';

const record = (text: string, timestamp = 1000) => ({ key: null, value: Buffer.from(text), timestamp });

describe('crc32c', () => {
  it('has the check values of RFC 3720 B.4', () => {
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, index) => index)))).toBe(0x46dd794e);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('gives the same in words as bit by bit, at every alignment and length', () => {
    const bitByBit = (bytes: Uint8Array) => {
      let crc = 0xffffffff;
      for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      }
      return ~crc >>> 0;
    };
    const buffer = Buffer.from(Array.from({ length: 700 }, (_, index) => (index * 167 + (index >> 3)) & 0xff));
    for (let start = 0; start < 9; start++)
      for (const length of [100, 127, 128, 129, 143, 144, 300, 511, 690])
        expect(crc32c(buffer, start, start + length)).toBe(bitByBit(buffer.subarray(start, start + length)));
  });

  it('takes a part of a buffer, of any length', () => {
    const buffer = Buffer.from('xx123456789yy');
    expect(crc32c(buffer, 2, 11)).toBe(0xe3069283);
    expect(crc32c(buffer, 2, 2)).toBe(0);
  });
});

describe('record batches', () => {
  it('reads what it built', () => {
    const batch = buildBatch([record('a'), record('b', 1500), record('c', 1200)]);
    const [parsed] = parseBatches(batch);
    expect(parsed?.header).toMatchObject({
      baseOffset: 0,
      lastOffset: 2,
      recordCount: 3,
      baseTimestamp: 1000,
      maxTimestamp: 1500,
      producerId: -1,
      compression: 'none',
      sizeBytes: batch.length,
    });
    expect(recordTimes(parsed!)).toEqual([
      { offset: 0, timestamp: 1000 },
      { offset: 1, timestamp: 1500 },
      { offset: 2, timestamp: 1200 },
    ]);
  });

  it('reads the times within a gzip batch, and says that it cannot for the others', () => {
    const plain = buildBatch([record('a'), record('b', 1500)]);
    const records = gzipSync(plain.subarray(BATCH_HEADER_BYTES));
    for (const compression of ['gzip', 'zstd'] as const) {
      const batch = Buffer.concat([Buffer.alloc(BATCH_HEADER_BYTES), records]);
      writeBatchHeader(batch, { ...batchHeaderAt(plain)!, compression });
      const times = recordTimes(parseBatches(batch)[0]!);
      if (compression === 'zstd') expect(times).toBeNull();
      else expect(times?.map((time) => time.timestamp)).toEqual([1000, 1500]);
    }
  });

  it('gives a batch its place without touching the checksum', () => {
    const batch = buildBatch([record('a'), record('b')]);
    patchPosition(batch, 2 ** 40 + 3, 0);
    expect(parseBatches(batch)[0]?.header).toMatchObject({
      baseOffset: 2 ** 40 + 3,
      lastOffset: 2 ** 40 + 4,
      leaderEpoch: 0,
    });
  });

  it('rewrites the producer with a new checksum', () => {
    const batch = buildBatch([record('a')]);
    rewriteProducer(batch, { producerId: 4000, producerEpoch: 2, baseSequence: 2 ** 31 - 1 });
    expect(parseBatches(batch)[0]?.header).toMatchObject({
      producerId: 4000,
      producerEpoch: 2,
      baseSequence: 2 ** 31 - 1,
    });
    expect(nextSequence(2 ** 31 - 1, 1)).toBe(0);
  });

  it('refuses a flipped bit anywhere in the checksummed part, a short batch, another format', () => {
    const batch = buildBatch([record('abcdef')]);
    for (let at = 17; at < batch.length; at++) {
      const damaged = Buffer.from(batch);
      damaged[at] = damaged[at]! ^ 0x10;
      expect(() => parseBatches(damaged), `byte ${at}`).toThrow();
    }
    expect(() => parseBatches(batch.subarray(0, batch.length - 1))).toThrow(/cut short/);
    expect(() => parseBatches(batch.subarray(0, 30))).toThrow(/no record batch/);
    const old = Buffer.from(batch);
    old[16] = 1;
    expect(() => parseBatches(old)).toThrow(/format v2/);
  });

  it('drops what is cut short at the end', () => {
    const one = buildBatch([record('a')]);
    const two = buildBatch([record('b')]);
    const cut = Buffer.concat([one, two.subarray(0, two.length - 3)]);
    expect(wholeBatches(cut)).toEqual(one);
    expect(wholeBatches(cut.subarray(0, 5)).length).toBe(0);
  });
});
