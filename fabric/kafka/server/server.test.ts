import { describe, expect, it } from 'vitest';
import { BufferPool } from '../buffer-pool';
import { FrameReader } from './frame-reader';
import { InFlight } from './in-flight';

function reader(pool = new BufferPool()) {
  let heldBytes = 0;
  const frames: string[] = [];
  const pooled: Buffer[] = [];
  const instance = new FrameReader(
    pool,
    (sizeBytes) => {
      heldBytes += sizeBytes;
    },
    (frame) => {
      frames.push(frame.bytes.toString('latin1'));
      if (frame.pooled) pooled.push(frame.pooled);
    },
  );
  return { instance, held: () => heldBytes, frames, pooled };
}

function framed(text: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(text.length);
  return Buffer.concat([size, Buffer.from(text, 'latin1')]);
}

describe('frames', () => {
  const texts = ['a frame of some bytes', 'x'.repeat(100_000), 'one more frame', 'yz'.repeat(4_000_000)];

  it.each([1, 3, 7, 1000, 65_536, 1_000_000])('come out whole from chunks of %i bytes', (chunkBytes) => {
    const stream = Buffer.concat(texts.filter((text) => chunkBytes > 5 || text.length < 100).map(framed));
    const { instance, frames, held } = reader();
    for (let at = 0; at < stream.length; at += chunkBytes) instance.push(stream.subarray(at, at + chunkBytes));
    expect(frames).toEqual(texts.filter((text) => chunkBytes > 5 || text.length < 100));
    expect(held()).toBe(frames.reduce((sum, text) => sum + text.length, 0));
  });

  it.each([-1, 0, 7, 2 ** 31 - 1])('of %i bytes are refused', (sizeBytes) => {
    const size = Buffer.alloc(4);
    size.writeInt32BE(sizeBytes);
    expect(() => reader().instance.push(size)).toThrow(/not what a Kafka client sends/);
  });

  it('that are only announced count for nothing', () => {
    const { instance, held } = reader();
    const size = Buffer.alloc(4);
    size.writeInt32BE(30_000_000);
    instance.push(Buffer.concat([size, Buffer.alloc(100)]));
    expect(held()).toBe(100);
  });

  it('that are large are gathered in buffers of the pool', () => {
    const pool = new BufferPool();
    const { instance, frames, pooled } = reader(pool);
    const large = framed('z'.repeat(200_000));
    instance.push(large.subarray(0, 1000));
    instance.push(large.subarray(1000));
    expect(frames[0]?.length).toBe(200_000);
    pool.give(pooled[0]!);
    expect(pool.take(150_000)).toBe(pooled[0]);
  });
});

describe('the pool of buffers', () => {
  it('keeps a bounded amount, and only what it gave', () => {
    const pool = new BufferPool();
    const buffers = Array.from({ length: 20 }, () => pool.take(1024 * 1024));
    for (const buffer of buffers) pool.give(buffer);
    pool.give(Buffer.alloc(100_001));
    const again = Array.from({ length: 20 }, () => pool.take(1024 * 1024));
    expect(again.filter((buffer) => buffers.includes(buffer)).length).toBe(12);
    expect(pool.take(5_000_000).length).toBe(5_000_000);
    expect(pool.take(10).length).toBe(10);
  });
});

describe('bytes in flight', () => {
  it('are refused beyond the limit and counted back', () => {
    const inFlight = new InFlight(100);
    expect(inFlight.take(60)).toBe(true);
    expect(inFlight.take(60)).toBe(false);
    inFlight.release(60);
    expect(inFlight.take(100)).toBe(true);
  });
});
