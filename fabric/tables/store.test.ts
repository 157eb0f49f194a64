import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTables } from './store';
import { buildTablesWorker } from './testing';
import type { TableStore, TablesOptions } from './types';

let worker: Awaited<ReturnType<typeof buildTablesWorker>>;
let directory: string;
const open: TableStore[] = [];
beforeAll(async () => {
  worker = await buildTablesWorker();
});
afterAll(() => worker.dispose());
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'store-'));
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  await rm(directory, { recursive: true });
});
const start = async (options: TablesOptions = {}) => {
  const store = await openTables(directory, { workerFile: worker.file, ...options });
  open.push(store);
  return store;
};
const all = async (store: TableStore, table: string) => {
  const texts: string[] = [];
  for await (const portion of store.find(table, { withTags: true }))
    texts.push(new TextDecoder().decode(portion.bytes));
  return JSON.parse(`[${texts.join(',')}]`);
};

describe('TableStore', () => {
  it('holds what was written after it is closed and opened again', async () => {
    const first = await start();
    await first.create('/m/a');
    await first.create('/m/b');
    await first.drop('/m/b');
    await first.write('/m/a', '[{"_id":"x","n":1}]', { mode: 'insert' });
    await first.close();
    const second = await start();
    expect(second.list()).toEqual(['/m/a']);
    expect(second.get('/m/a', 'x', { withTags: true })).toBe('{"_id":"x","n":1}');
    expect(await second.info('/m/a')).toEqual({ documents: 1, bytes: 17 });
  });

  it('finishes what it accepted before it closes, and takes nothing afterwards', async () => {
    const store = await start();
    await store.create('/m/a');
    const writes = Array.from({ length: 200 }, (_, i) => store.write('/m/a', `{"_id":"${i}"}`, { mode: 'insert' }));
    await Promise.all([store.close(), ...writes]);
    await expect(store.write('/m/a', '{"_id":"late"}', { mode: 'insert' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(() => store.get('/m/a', '1', { withTags: true })).toThrowError(
      expect.objectContaining({ code: 'UNAVAILABLE' }),
    );
    expect(await all(await start(), '/m/a')).toHaveLength(200);
  });

  it('lets a failing operation harm no other of its group', async () => {
    const store = await start();
    await store.create('/m/a');
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) =>
        store.write('/m/a', i % 10 === 3 ? '{bad' : `{"_id":"${i}"}`, { mode: 'insert' }),
      ),
    );
    expect(results.filter((result) => result.status === 'rejected')).toHaveLength(10);
    expect(await all(store, '/m/a')).toHaveLength(90);
  });

  it('reads what was acknowledged, at once', async () => {
    const store = await start();
    await store.create('/m/a');
    for (let i = 0; i < 50; i++) {
      await store.write('/m/a', `{"_id":"k","n":${i}}`, { mode: 'insertOrReplace' });
      expect(store.get('/m/a', 'k', { withTags: true })).toBe(`{"_id":"k","n":${i}}`);
      expect(await store.count('/m/a', { condition: `{"$eq":{"n":${i}}}`, withTags: true })).toBe(1);
    }
  });

  it('refuses writes when there is no room, whole, and goes on reading', async () => {
    const store = await start({ bytesMax: 400 * 1024 });
    await store.create('/m/a');
    await store.write('/m/a', '{"_id":"small"}', { mode: 'insert' });
    const big = 'x'.repeat(50_000);
    const fill = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) =>
        store.write('/m/a', JSON.stringify({ _id: `big${i}`, big }), { mode: 'insert' }),
      ),
    );
    const failed = fill.filter((result) => result.status === 'rejected');
    expect(failed.length).toBeGreaterThan(10);
    for (const { reason } of failed) expect(reason).toMatchObject({ code: 'DISK_FULL' });
    expect(store.get('/m/a', 'small', { withTags: true })).toBe('{"_id":"small"}');
    // Exactly the acknowledged ones are there.
    expect(await all(store, '/m/a')).toHaveLength(1 + 30 - failed.length);
    await store.delete('/m/a', 'big0');
    await store.write('/m/a', '{"_id":"again"}', { mode: 'insert' });
  });

  it('keeps an unordered find complete while others write', async () => {
    const store = await start();
    await store.create('/m/a');
    const documents = Array.from({ length: 5000 }, (_, i) => ({ _id: `k${String(i).padStart(4, '0')}`, n: 0 }));
    await store.write('/m/a', JSON.stringify(documents), { mode: 'insert' });
    const writing = Promise.all(
      documents.slice(0, 300).map(({ _id }) => store.mutate('/m/a', _id, '{"$increment":{"n":1}}', { upsert: false })),
    );
    const found = await all(store, '/m/a');
    await writing;
    expect(found.map((document: { _id: string }) => document._id)).toEqual(documents.map((document) => document._id));
  });

  it('loses no update among 20 writers that check what they read', async () => {
    const store = await start();
    await store.create('/m/a');
    await store.write('/m/a', '{"_id":"c","n":0}', { mode: 'insert' });
    let applied = 0;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let done = 0; done < 10; ) {
          const { n } = JSON.parse(store.get('/m/a', 'c', { withTags: true })!) as { n: number };
          const result = await store.mutate('/m/a', 'c', `{"$set":{"n":${n + 1}}}`, {
            condition: `{"$eq":{"n":${n}}}`,
            upsert: false,
          });
          if (result === 'updated') {
            done++;
            applied++;
          }
        }
      }),
    );
    expect(JSON.parse(store.get('/m/a', 'c', { withTags: true })!).n).toBe(applied);
    expect(applied).toBe(200);
  });

  it('says what is wrong with a file that is none, or of a newer build', async () => {
    await writeFile(
      path.join(directory, 'tables.db'),
      'this is no database, but long enough to have a header: '.repeat(50),
    );
    await expect(start()).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
    await rm(path.join(directory, 'tables.db'));
    const newer = new Database(path.join(directory, 'tables.db'));
    newer.exec('PRAGMA user_version=99');
    newer.close();
    await expect(start()).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE', message: expect.stringContaining('99') });
  });

  it('does not begin anew where tables were lost', async () => {
    const lost = { code: 'DATA_DIR_UNUSABLE', message: expect.stringContaining('tables.db') };
    await expect(start({ mustExist: true })).rejects.toMatchObject(lost);
    await writeFile(path.join(directory, 'tables.db'), '');
    await expect(start({ mustExist: true })).rejects.toMatchObject(lost);
    await (await start()).create('/m/a');
    await expect(start({ mustExist: true })).resolves.toBeDefined();
  });
});
