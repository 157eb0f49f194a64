import { describe, expect, it } from 'vitest';
import { batchOf, openOn, quietLog } from './testing/log-harness';
import { MemoryFs } from './testing/memory-fs';

describe('damage that a start finds', () => {
  async function damaged(change: (fs: MemoryFs, file: string) => Promise<void>) {
    const fs = new MemoryFs();
    const store = await openOn(fs);
    await store.create('t', { partitions: 1 });
    const log = store.partition('t', 0)!;
    for (const value of ['a', 'b', 'c', 'd']) await log.append(batchOf([value]));
    const file = (await fs.list('/store/t1/0')).find((name) => name.endsWith('.log'));
    await change(fs, `/store/t1/0/${file}`);
    const errors: { message: string; data: Record<string, unknown> | undefined }[] = [];
    const sink = {
      ...quietLog,
      error: (message: string, data?: Record<string, unknown>) => errors.push({ message, data }),
    };
    return { fs, store, sink, errors };
  }
  const flipByte = async (fs: MemoryFs, file: string, position: number) => {
    const handle = await fs.open(file, { create: false });
    const [byte] = await handle.read(position, 1);
    await handle.write([Buffer.from([byte! ^ 0xff])], position);
    await handle.datasync();
  };
  const batchBytes = batchOf(['a'])[0]!.bytes.length;

  it('in the middle keeps aside what can not be served any more, and says so', async () => {
    const { fs, sink, errors } = await damaged((disk, file) => flipByte(disk, file, batchBytes + batchBytes - 1));
    const log = (await openOn(fs.crash(), undefined, sink)).partition('t', 0)!;
    expect(log.highWatermark).toBe(1);
    expect(errors).toEqual([
      {
        message: expect.stringMatching(/set aside/),
        data: expect.objectContaining({ bytes: 3 * batchBytes, fromOffset: 1 }),
      },
    ]);
  });

  it('of the last batch is a torn tail, as after any crash', async () => {
    const { fs, sink, errors } = await damaged((disk, file) => flipByte(disk, file, 4 * batchBytes - 1));
    const log = (await openOn(fs.crash(), undefined, sink)).partition('t', 0)!;
    expect(log.highWatermark).toBe(3);
    expect(errors).toEqual([]);
  });

  it('says that records which an orderly stop had indexed are not there', async () => {
    const { fs, store, sink, errors } = await damaged(async () => undefined);
    await store.close();
    const name = (await fs.list('/store/t1/0')).find((file) => file.endsWith('.log'));
    const handle = await fs.open(`/store/t1/0/${name}`, { create: false });
    await handle.truncate(2 * batchBytes);
    await handle.datasync();
    const log = (await openOn(fs.crash(), undefined, sink)).partition('t', 0)!;
    expect(log.highWatermark).toBe(2);
    expect(errors).toEqual([
      {
        message: expect.stringMatching(/missing/),
        data: expect.objectContaining({ bytes: 2 * batchBytes, fromOffset: 2 }),
      },
    ]);
  });

  it('never gives the offsets of a lost log again', async () => {
    const { fs, store, sink, errors } = await damaged(async () => undefined);
    await store.close();
    const name = (await fs.list('/store/t1/0')).find((file) => file.endsWith('.log'));
    await fs.remove(`/store/t1/0/${name}`);
    await fs.syncDirectory('/store/t1/0');
    const log = (await openOn(fs.crash(), undefined, sink)).partition('t', 0)!;
    expect(await log.append(batchOf(['e']))).toEqual({ baseOffset: 4 });
    expect(errors).toEqual([
      { message: expect.stringMatching(/lost/), data: expect.objectContaining({ upToOffset: 4 }) },
    ]);
  });
});
