import { describe, expect, it } from 'vitest';
import { FilePool } from './file-pool';
import type { LogFile } from './log-fs';
import { MemoryFs } from './testing/memory-fs';

/** A file system that counts what is open. */
class CountingFs extends MemoryFs {
  openCount = 0;
  override async open(file: string, options: { create: boolean }): Promise<LogFile> {
    const opened = await super.open(file, options);
    this.openCount++;
    return {
      ...opened,
      close: async () => {
        this.openCount--;
      },
    };
  }
}

async function withFiles(count: number, openFilesMax: number) {
  const fs = new CountingFs();
  for (let index = 0; index < count; index++) await (await fs.open(`/d/${index}`, { create: true })).close();
  return { fs, pool: new FilePool(fs, openFilesMax) };
}

describe('the pool of open files', () => {
  it('keeps no more open than it may, and serves them all', async () => {
    const { fs, pool } = await withFiles(20, 5);
    for (let round = 0; round < 3; round++)
      for (let index = 0; index < 20; index++) expect(await pool.use(`/d/${index}`, (file) => file.size())).toBe(0);
    expect(fs.openCount).toBe(5);
    await pool.close();
    expect(fs.openCount).toBe(0);
  });

  it('closes nothing that is in use', async () => {
    const { fs, pool } = await withFiles(8, 2);
    const releases: (() => void)[] = [];
    const uses = Array.from({ length: 8 }, (_, index) =>
      pool.use(`/d/${index}`, () => new Promise<void>((resolve) => releases.push(resolve))),
    );
    await expect.poll(() => releases.length).toBe(8);
    expect(fs.openCount).toBe(8);
    for (const release of releases) release();
    await Promise.all(uses);
    expect(fs.openCount).toBe(2);
  });

  it('lets readers finish before it forgets a file', async () => {
    const { fs, pool } = await withFiles(1, 2);
    let release: () => void = () => undefined;
    const use = pool.use('/d/0', () => new Promise<void>((resolve) => (release = resolve)));
    await expect.poll(() => fs.openCount).toBe(1);
    const forgetting = pool.forget('/d/0');
    release();
    await Promise.all([use, forgetting]);
    expect(fs.openCount).toBe(0);
  });

  it('tries again to open what did not open', async () => {
    const { fs, pool } = await withFiles(0, 2);
    await expect(pool.use('/d/late', (file) => file.size())).rejects.toMatchObject({ code: 'ENOENT' });
    await fs.open('/d/late', { create: true });
    expect(await pool.use('/d/late', (file) => file.size())).toBe(0);
  });
});
