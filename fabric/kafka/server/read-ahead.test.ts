import { describe, expect, it } from 'vitest';
import { BufferPool } from '../buffer-pool';
import { buildBatch } from '../records';
import { ReadAhead } from './read-ahead';

/** Batches of one record, of the same size each, and what was read of them. */
function source(count: number) {
  const batches = Array.from({ length: count }, (_, offset) => {
    const batch = buildBatch([{ key: null, value: Buffer.alloc(100_000, offset), timestamp: 1 }]);
    batch.writeBigInt64BE(BigInt(offset));
    return batch;
  });
  const reads: number[] = [];
  return {
    reads,
    batches,
    batchBytes: batches[0]!.length,
    highWatermark: count,
    failing: false,
    async read(offset: number, maxBytes: number, allocate: (sizeBytes: number) => Buffer) {
      reads.push(offset);
      if (this.failing) throw new Error('The disk is gone');
      const bytes = Buffer.concat(batches.slice(offset, offset + Math.floor(maxBytes / this.batchBytes)));
      const buffer = allocate(bytes.length);
      bytes.copy(buffer);
      return buffer;
    },
  };
}

/** A pool that knows what it has lent. */
class CountingPool extends BufferPool {
  lent = 0;
  override take(sizeBytes: number) {
    this.lent++;
    return super.take(sizeBytes);
  }
  override give(buffer: Buffer) {
    this.lent--;
    super.give(buffer);
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('reading ahead', () => {
  it('gives a reader everything in order, and has the next piece before it is asked for', async () => {
    const log = source(6);
    const pool = new CountingPool(() => undefined);
    const ahead = new ReadAhead(pool);
    const got: Buffer[] = [];
    for (let offset = 0; offset < 6; offset += 2) {
      const leased: Buffer[] = [];
      got.push(Buffer.from(await ahead.read(log, offset, 2 * log.batchBytes, leased)));
      expect(log.reads.at(-1)).toBe(Math.min(offset + 2, 4));
      for (const buffer of leased) pool.give(buffer);
    }
    expect(Buffer.concat(got).equals(Buffer.concat(log.batches))).toBe(true);
    expect(log.reads).toEqual([0, 2, 4]);
    expect(pool.lent).toBe(0);
  });

  it('reads what is asked for when that is somewhere else, and gives back what was read in vain', async () => {
    const log = source(6);
    const pool = new CountingPool(() => undefined);
    const ahead = new ReadAhead(pool);
    await ahead.read(log, 0, log.batchBytes, []);
    const leased: Buffer[] = [];
    const bytes = await ahead.read(log, 5, log.batchBytes, leased);
    expect(bytes.equals(log.batches[5]!)).toBe(true);
    for (const buffer of leased) pool.give(buffer);
    await settled();
    // What the first answer lies in is still lent; at the end of the log nothing is read ahead.
    expect(pool.lent).toBe(1);
    expect(log.reads).toEqual([0, 1, 5]);
  });

  it('never gives more than is asked for now', async () => {
    const log = source(6);
    const ahead = new ReadAhead(new BufferPool(() => undefined));
    await ahead.read(log, 0, 2 * log.batchBytes, []);
    expect((await ahead.read(log, 2, log.batchBytes, [])).equals(log.batches[2]!)).toBe(true);
  });

  it('does not read on for a client that has what there is, or for another partition', async () => {
    const [log, other] = [source(3), source(3)];
    const ahead = new ReadAhead(new BufferPool(() => undefined));
    await ahead.read(log, 0, 10 * log.batchBytes, []);
    await ahead.read(other, 0, other.batchBytes, []);
    expect((await ahead.read(log, 1, log.batchBytes, [])).equals(log.batches[1]!)).toBe(true);
    expect(log.reads.slice(0, 2)).toEqual([0, 1]);
  });

  it('tells who asks, and only then, that it could not read', async () => {
    const log = source(3);
    const ahead = new ReadAhead(new BufferPool(() => undefined));
    const first = ahead.read(log, 0, log.batchBytes, []);
    await first.then(() => {
      log.failing = true;
    });
    // The piece behind was read already, the one behind that fails.
    await ahead.read(log, 1, log.batchBytes, []);
    await settled();
    await expect(ahead.read(log, 2, log.batchBytes, [])).rejects.toThrow('The disk is gone');
    log.failing = false;
    expect((await ahead.read(log, 2, log.batchBytes, [])).equals(log.batches[2]!)).toBe(true);
  });

  it('lets go of what nobody came for', async () => {
    const log = source(3);
    const pool = new CountingPool(() => undefined);
    const ahead = new ReadAhead(pool, 1);
    const leased: Buffer[] = [];
    await ahead.read(log, 0, log.batchBytes, leased);
    for (const buffer of leased) pool.give(buffer);
    await expect.poll(() => pool.lent).toBe(0);
    ahead.drop();
    expect(pool.lent).toBe(0);
  });
});
