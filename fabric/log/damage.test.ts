import { describe, expect, it } from 'vitest';
import { parseBatches } from '../kafka/record-batch';
import { batchOf, openOn, quietLog } from './testing/log-harness';
import { MemoryFs } from './testing/memory-fs';

describe('a byte that has changed on the disk', () => {
  /** A log that was closed in order, so that a start reads none of it again; then one byte of its second batch changes. */
  async function damaged(byte: number) {
    const said: string[] = [];
    const sink = { ...quietLog, error: (message: string) => said.push(message) };
    const clock = { now: () => 1_700_000_000_000, sleep: () => Promise.resolve() };
    const fs = new MemoryFs();
    const before = await openOn(fs, clock, sink);
    await before.create('t', { partitions: 1 });
    for (const value of ['a', 'b', 'c']) await before.partition('t', 0)!.append(batchOf([value]));
    const size = (await before.partition('t', 0)!.read(0, 10_000)).length / 3;
    await before.close();
    fs.flipBit('.log', size + byte);
    const store = await openOn(fs, clock, sink);
    return { store, log: store.partition('t', 0)!, said };
  }

  it.each([
    ['in a record', 64],
    ['in the checksum', 18],
    ['in the size', 8],
    ['in the offset', 1],
  ])('%s is told and not served, and what lies before it is', async (_, byte) => {
    const { store, log, said } = await damaged(byte);
    expect(log.highWatermark).toBe(3);
    expect(store.troubles()).toEqual([]);
    expect(parseBatches(await log.read(0, 10_000))).toHaveLength(1);
    for (let again = 0; again < 2; again++)
      await expect(log.read(1, 10_000)).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
    expect(store.troubles()).toEqual(['t/0 is damaged on the disk: its records from offset 1 on can not be read']);
    expect(said).toHaveLength(1);
    expect(await log.append(batchOf(['d']))).toEqual({ baseOffset: 3 });
    expect(parseBatches(await log.read(3, 10_000))).toHaveLength(1);
    await log.deleteRecordsBefore(3);
    expect(store.troubles()).toEqual([]);
  });
});
