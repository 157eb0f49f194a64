import { describe, expect, it } from 'vitest';
import { batchOf, DIRECTORY, openOn } from './testing/log-harness';
import { MemoryFs } from './testing/memory-fs';

describe('topics', () => {
  it('are created, grown, configured and deleted durably', async () => {
    const fs = new MemoryFs();
    const store = await openOn(fs);
    const changes: string[] = [];
    store.onChange((topic) => changes.push(topic));
    await store.create('a', { partitions: 2, config: { retentionMs: 5000 }, replica: true });
    await store.create('b', { partitions: 1 });
    await store.addPartitions('a', 3);
    await store.setConfig('a', { retentionBytes: 9 });
    await store.setReplica('a', false);
    await store.partition('a', 2)!.append(batchOf(['x']));
    await store.delete('b');
    expect(changes).toEqual(['a', 'b', 'a', 'b']);

    const reopened = await openOn(fs.crash());
    expect(reopened.list()).toEqual([
      {
        name: 'a',
        partitions: 3,
        replica: false,
        config: { retentionMs: 5000, retentionBytes: 9, segmentBytes: 2 ** 27 },
      },
    ]);
    expect(reopened.partition('a', 2)!.highWatermark).toBe(1);
    expect(reopened.bytes('a')).toBeGreaterThan(0);
    expect(reopened.partition('a', 3)).toBeUndefined();
  });

  it('that are deleted take their records with them, also when created again', async () => {
    const fs = new MemoryFs();
    const store = await openOn(fs);
    await store.create('a', { partitions: 1 });
    const old = store.partition('a', 0)!;
    await old.append(batchOf(['x']));
    const waiting = old.waitBeyond(1, 60_000);
    await store.delete('a');
    expect(await waiting).toBe(false);
    await expect(old.append(batchOf(['y']))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await store.create('a', { partitions: 1 });
    expect(store.partition('a', 0)!.highWatermark).toBe(0);
    const reopened = await openOn(fs.crash());
    expect(reopened.partition('a', 0)!.highWatermark).toBe(0);
    expect(fs.names().filter((name) => name.includes('/t1/'))).toEqual([]);
  });

  it('are not taken for leftovers when the registry that names them is lost', async () => {
    const fs = new MemoryFs();
    const store = await openOn(fs);
    await store.create('a', { partitions: 1 });
    await store.partition('a', 0)!.append(batchOf(['x']));
    const files = fs.names().filter((name) => name.endsWith('.log'));
    await fs.remove(`${DIRECTORY}/topics.json`);
    await expect(openOn(fs)).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
    expect(fs.names().filter((name) => name.endsWith('.log'))).toEqual(files);
  });

  it('have good names, counts and configurations', async () => {
    const store = await openOn(new MemoryFs());
    await store.create('a', { partitions: 1 });
    for (const [name, options, code] of [
      ['a', { partitions: 1 }, 'CONFLICT'],
      ['..', { partitions: 1 }, 'REQUEST_INVALID'],
      ['a/b', { partitions: 1 }, 'REQUEST_INVALID'],
      ['x'.repeat(250), { partitions: 1 }, 'REQUEST_INVALID'],
      ['b', { partitions: 0 }, 'REQUEST_INVALID'],
      ['b', { partitions: 100_000 }, 'REQUEST_INVALID'],
      ['b', { partitions: 1, config: { retentionMs: -2 } }, 'REQUEST_INVALID'],
      ['b', { partitions: 1, config: { segmentBytes: 1 } }, 'REQUEST_INVALID'],
    ] as const)
      await expect(store.create(name, options), name).rejects.toMatchObject({ code });
    await expect(store.addPartitions('a', 1)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(store.delete('zz')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(store.list().length).toBe(1);
  });
});
