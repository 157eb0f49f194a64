import { createHash } from 'node:crypto';
import { appendFile, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { FolderFeedDefinitionSchema } from './definition';
import { createFolderFeed } from './folder-feed';
import { expectDescribable, pollOnce, setUpFeedBench } from './testing/bench';

const bench = setUpFeedBench();

describe('a watched folder', () => {
  const watch = (more: Record<string, unknown> = {}) => bench.feedOf({ kind: 'folder', path: 'drop', ...more });
  const inDrop = (...names: string[]) => path.join(bench.folder, 'drop', ...names);
  beforeEach(async () => {
    await mkdir(inDrop('deep'), { recursive: true });
    await writeFile(inDrop('river_map.png'), 'PNG');
  });

  it('gives complete plain files with links below it, and nothing else', async () => {
    for (const name of ['.hidden.png', 'half.png.part', 'copying.tmp', 'edit~']) await writeFile(inDrop(name), 'x');
    await writeFile(inDrop('deep', 'a.pdf'), 'PDF');
    await writeFile(path.join(bench.folder, 'secret.png'), 'x');
    await symlink(path.join(bench.folder, 'secret.png'), inDrop('link.png'));
    const { items, errors } = await pollOnce(await watch());
    expect(errors).toEqual([]);
    expectDescribable(items);
    expect(items).toEqual([
      {
        sourceId: 'river_map.png',
        title: 'river map',
        kind: 'image',
        keywords: [],
        link: pathToFileURL(inDrop('river_map.png')).href,
        mediaType: 'image/png',
        contentKey: `sha256:${createHash('sha256').update('PNG').digest('hex')}`,
      },
    ]);
    const deep = await pollOnce(await watch({ recursive: true }));
    expect(deep.items.map((item) => [item.sourceId, item.kind])).toContainEqual(['deep/a.pdf', 'document']);
    expect((await watch()).downloads).toEqual({ allowPrivateHosts: [], allowedFolders: [inDrop()] });
  });

  it('waits for a file that is still being written', async () => {
    let writing = true;
    const busyClock = {
      now: () => bench.now,
      sleep: async () => {
        if (writing) await appendFile(inDrop('river_map.png'), 'more');
      },
    };
    const definition = FolderFeedDefinitionSchema.parse({ id: 'mine', kind: 'folder', path: 'drop' });
    const feed = createFolderFeed(definition, { folder: inDrop(), clock: busyClock });
    expect((await pollOnce(feed)).items).toEqual([]);
    expect((await pollOnce(feed)).items).toEqual([]);
    writing = false;
    expect((await pollOnce(feed)).items).toHaveLength(1);
  });

  it('knows content by its bytes: touched is the same, changed is new', async () => {
    const feed = await watch();
    const key = async () => (await pollOnce(feed)).items[0]?.contentKey;
    const first = await key();
    await utimes(inDrop('river_map.png'), new Date(1e12), new Date(1e12));
    expect(await key()).toBe(first);
    await writeFile(inDrop('river_map.png'), 'GNP');
    await utimes(inDrop('river_map.png'), new Date(1e12), new Date(1e12 + 5000));
    expect(await key()).not.toBe(first);
  });

  it('gives what lies there at every poll, and no more what is gone', async () => {
    const feed = await watch();
    expect((await pollOnce(feed)).items).toEqual((await pollOnce(feed)).items);
    await rm(inDrop('river_map.png'));
    expect((await pollOnce(feed)).items).toEqual([]);
  });

  it('reads facts from a side file', async () => {
    const facts = {
      title: 'The river',
      keywords: ['water'],
      place: { lat: 3, lon: 4 },
      acquiredAt: '2024-05-06T07:08:09Z',
    };
    await writeFile(inDrop('river_map.png.json'), JSON.stringify(facts));
    const { items } = await pollOnce(await watch());
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ ...facts, acquiredAt: '2024-05-06T07:08:09.000Z', kind: 'image' });
  });

  it('takes a file whose name leaves no room for a side file', async () => {
    const name = `${'n'.repeat(250)}.png`;
    await writeFile(inDrop(name), 'LONG');
    const { items, errors } = await pollOnce(await watch());
    expect(errors).toEqual([]);
    expect(items.map((item) => item.sourceId)).toContain(name);
  });

  it('names a bad side file, an empty file, and still gives the others', async () => {
    await writeFile(inDrop('a.png'), 'x');
    await writeFile(inDrop('a.png.json'), '{"place": {"lat": 91, "lon": 0}}');
    await writeFile(inDrop('b.png'), 'x');
    await writeFile(inDrop('b.png.json'), '{');
    await writeFile(inDrop('empty.png'), '');
    const { items, errors } = await pollOnce(await watch());
    expect(items.map((item) => item.sourceId)).toEqual(['river_map.png']);
    expect(errors.map((error) => error.message).sort()).toEqual([
      expect.stringMatching(/^Feed mine, file "a\.png": a\.png\.json: place\.lat: /),
      expect.stringMatching(/^Feed mine, file "b\.png": b\.png\.json is not JSON/),
      expect.stringMatching(/^Feed mine, file "empty\.png": it is empty/),
    ]);
  });

  it('that is not there says so', async () => {
    await expect(pollOnce(await watch({ path: 'nowhere' }))).rejects.toMatchObject({
      code: 'FEED_UNAVAILABLE',
      message: expect.stringMatching(/ENOENT/),
    });
  });
});
