import { describe, expect, it } from 'vitest';
import { Journal } from './journal';
import { MemoryFs } from './testing/memory-fs';

const FILE = '/state/journal';

async function openOn(fs: MemoryFs) {
  const values = new Map<string, number>();
  const journal = await Journal.open<[string, number]>({
    fs,
    file: FILE,
    apply: ([key, value]) => void values.set(key, value),
    snapshot: () => [...values],
  });
  return { journal, values };
}

describe('a journal', () => {
  it('keeps what it acknowledged across a crash, in order', async () => {
    const fs = new MemoryFs();
    const { journal, values } = await openOn(fs);
    await Promise.all([
      journal.append([['a', 1]]),
      journal.append([
        ['b', 2],
        ['a', 3],
      ]),
    ]);
    expect([...values]).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
    expect([...(await openOn(fs.crash())).values]).toEqual([...values]);
  });

  it('shares a sync between those who come together', async () => {
    const fs = new MemoryFs();
    const { journal } = await openOn(fs);
    const before = fs.syncCount;
    await Promise.all(Array.from({ length: 100 }, (_, index) => journal.append([[`k${index}`, index]])));
    expect(fs.syncCount - before).toBeLessThanOrEqual(2);
  });

  it('cuts a torn tail and goes on behind what is good', async () => {
    const fs = new MemoryFs();
    const { journal } = await openOn(fs);
    await journal.append([['a', 1]]);
    await journal.append([['b', 2]]);
    const after = fs.crash();
    after.damage(
      (name) => name === FILE,
      (content) => content.subarray(0, content.length - 4),
    );
    const again = await openOn(after);
    expect([...again.values]).toEqual([['a', 1]]);
    await again.journal.append([['c', 3]]);
    expect([...(await openOn(after.crash())).values]).toEqual([
      ['a', 1],
      ['c', 3],
    ]);
  });

  it('refuses when the disk is full, and takes entries again when there is room', async () => {
    const fs = new MemoryFs();
    const { journal, values } = await openOn(fs);
    await journal.append([['a', 1]]);
    fs.freeBytes = 5;
    await expect(journal.append([['b', 2]])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    fs.freeBytes = Number.POSITIVE_INFINITY;
    await journal.append([['c', 3]]);
    expect([...values.keys()]).toEqual(['a', 'c']);
    expect([...(await openOn(fs.crash())).values.keys()]).toEqual(['a', 'c']);
  });

  it('takes nothing more after a failed sync', async () => {
    const fs = new MemoryFs();
    const { journal, values } = await openOn(fs);
    fs.failNextSync = true;
    await expect(journal.append([['a', 1]])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(journal.append([['b', 2]])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(values.size).toBe(0);
  });

  it('stays small when the same things change for ever, and keeps the latest', async () => {
    const fs = new MemoryFs();
    const { journal, values } = await openOn(fs);
    const filler = Array.from({ length: 2000 }, (_, index): [string, number] => [`key-${index % 20}`, index]);
    for (let round = 0; round < 60; round++) await journal.append(filler.map(([key, value]) => [key, value + round]));
    expect((await fs.readFile(FILE))!.length).toBeLessThan(1_200_000);
    expect([...(await openOn(fs.crash())).values]).toEqual([...values]);
  });
});
