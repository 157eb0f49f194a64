import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from './bytes';
import { array, int16, int32, nullableBytes, nullableString, string, struct, versions } from './types';

describe('primitive types', () => {
  it('carries 64-bit integers exactly up to 2^53, negative ones too', () => {
    for (const value of [0, -1, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, -(2 ** 32) - 5, Number.MAX_SAFE_INTEGER]) {
      const writer = new ByteWriter();
      writer.int64(value);
      const bytes = Buffer.concat(writer.finish());
      expect(bytes.readBigInt64BE(0)).toBe(BigInt(value));
      expect(new ByteReader(bytes).int64()).toBe(value);
    }
  });

  it('carries unsigned varints as Protocol Buffers has them', () => {
    for (const [value, hex] of [
      [0, '00'],
      [127, '7f'],
      [128, '8001'],
      [300, 'ac02'],
      [2 ** 31 - 1, 'ffffffff07'],
    ] as const) {
      const writer = new ByteWriter();
      writer.uvarint(value);
      const bytes = Buffer.concat(writer.finish());
      expect(bytes.toString('hex')).toBe(hex);
      expect(new ByteReader(bytes).uvarint()).toBe(value);
    }
  });

  it('refuses to read beyond the end', () => {
    expect(() => new ByteReader(Buffer.of(0, 1)).int32()).toThrow(/ends inside/);
    expect(() => new ByteReader(Buffer.of(0, 9, 65)).utf8(9)).toThrow(/ends inside/);
    expect(() => new ByteReader(Buffer.of(0x80, 0x80, 0x80, 0x80, 0x80, 1)).uvarint()).toThrow(/longer than five/);
  });

  it('does not allocate for an array that the message cannot hold', () => {
    const reader = new ByteReader(Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 0]));
    expect(() => array(int16).read(reader, { number: 0, flexible: false })).toThrow(/more items than it holds/);
  });

  it('sends large byte strings by reference', () => {
    const large = Buffer.alloc(1 << 20, 7);
    const writer = new ByteWriter();
    writer.int32(1);
    nullableBytes.write(writer, [large, Buffer.of(1, 2)], { number: 0, flexible: false });
    const parts = writer.finish();
    expect(parts).toContain(large);
    const reader = new ByteReader(Buffer.concat(parts));
    expect(reader.int32()).toBe(1);
    expect(nullableBytes.read(reader, { number: 0, flexible: false })?.length).toBe((1 << 20) + 2);
  });
});

describe('structures', () => {
  const type = struct({
    name: string,
    note: versions(nullableString, { from: 1, to: 2 }, null),
    list: array(struct({ id: int32 })),
  });
  const roundTrip = (number: number, flexible: boolean, value: Parameters<typeof type.write>[1]) => {
    const writer = new ByteWriter();
    type.write(writer, value, { number, flexible });
    const reader = new ByteReader(Buffer.concat(writer.finish()));
    const read = type.read(reader, { number, flexible });
    expect(reader.remaining).toBe(0);
    return read;
  };

  it('reads a field as its default where the version has none', () => {
    expect(roundTrip(0, false, { name: 'a', note: 'lost', list: [] })).toEqual({ name: 'a', note: null, list: [] });
    expect(roundTrip(2, false, { name: 'a', note: 'kept', list: [{ id: 4 }] }).note).toBe('kept');
    expect(roundTrip(3, false, { name: 'a', list: [] }).note).toBeNull();
  });

  it('writes compact types and tagged fields in flexible versions, and skips tags it does not know', () => {
    expect(roundTrip(2, true, { name: 'é', note: null, list: [{ id: 1 }, { id: 2 }] })).toEqual({
      name: 'é',
      note: null,
      list: [{ id: 1 }, { id: 2 }],
    });
    const withTag = Buffer.from([2, 0x61, 1, /* one tag: number 5, 2 bytes */ 1, 5, 2, 9, 9]);
    expect(type.read(new ByteReader(withTag), { number: 0, flexible: true })).toEqual({
      name: 'a',
      note: null,
      list: [],
    });
  });
});

/** For every API: a value that fills each field, as writing takes it. */
