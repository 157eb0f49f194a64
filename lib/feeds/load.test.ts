import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadFeeds } from './load';
import { setUpFeedBench, TEST_CONTEXT } from './testing/bench';

const bench = setUpFeedBench();

describe('loading definitions', () => {
  const load = async (files: Record<string, unknown>, context = TEST_CONTEXT) => {
    const directory = path.join(bench.folder, 'feeds');
    await mkdir(directory, { recursive: true });
    for (const [name, content] of Object.entries(files))
      await writeFile(path.join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
    return loadFeeds([directory], context);
  };
  const good = { id: 'good', kind: 'json', url: 'https://h.example/feed.json' };

  it('takes a definition a file, or several in a list, with defaults', async () => {
    const { feeds, problems } = await load({
      'a.json': good,
      'b.json': [
        { ...good, id: 'b1' },
        { id: 'b2', kind: 'folder', path: 'x' },
      ],
      'notes.txt': '?',
    });
    expect(problems).toEqual([]);
    expect(feeds.map((feed) => feed.definition.id)).toEqual(['good', 'b1', 'b2']);
    expect(feeds[0]?.definition).toMatchObject({ intervalSeconds: 60, itemsMax: 10_000, enabled: true });
  });

  it.each<[string, unknown, RegExp]>([
    ['not JSON', '{', /bad\.json is not JSON/],
    [
      'no kind',
      { ...good, kind: undefined },
      /bad\.json \("good"\) is not valid: .*must be one of "json", "nasa-images", "folder"/,
    ],
    ['an unknown kind', { ...good, kind: 'rss' }, /must be one of/],
    ['a misspelt field', { ...good, intervallSeconds: 5 }, /intervallSeconds/],
    ['an interval too short', { ...good, intervalSeconds: 0.1 }, /intervalSeconds: /],
    ['an address that is none', { ...good, url: 'ftp://h/x' }, /url: must be an http\(s\) address/],
    [
      'an address with a password',
      { ...good, url: 'https://me:secret@h/x' },
      /url: must be an http\(s\) address without a user name/,
    ],
    ['neither address nor file', { id: 'good', kind: 'json' }, /give either `url` or `file`/],
    ['both', { ...good, file: 'x.json' }, /and not both/],
    ['an id that is none', { ...good, id: 'Not Good' }, /id: must be a lower-case letter/],
    [
      'a list with a bad entry',
      [
        { ...good, id: 'x' },
        { ...good, id: 7 },
      ],
      /bad\.json, entry 2 is not valid: id: /,
    ],
    ['nothing that is a definition', 'null', /bad\.json is not valid/],
  ])('names what is wrong (%s), and still loads the others', async (_, bad, message) => {
    const { feeds, problems } = await load({ 'bad.json': bad, 'other.json': { ...good, id: 'other' } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'FEED_INVALID', message: expect.stringMatching(message) });
    expect(problems[0]?.message).not.toContain('secret');
    expect(feeds.map((feed) => feed.definition.id)).toContain('other');
  });

  it('refuses an id twice, and a path that is not there', async () => {
    const { problems } = await load({ 'a.json': good, 'b.json': good });
    expect(problems[0]?.message).toMatch(/b\.json: the id "good" is already used by .*a\.json/);
    const missing = await loadFeeds([path.join(bench.folder, 'nowhere')], TEST_CONTEXT);
    expect(missing.problems[0]?.message).toMatch(/nowhere can not be read/);
  });

  it('skips what is switched off, and the sample where there is none', async () => {
    const files = {
      'a.json': { ...good, enabled: false },
      'b.json': { id: 'sample', kind: 'json', url: 'app:/sample/feed.json' },
    };
    expect((await load(files, { ...TEST_CONTEXT, appBaseUrl: null })).skipped.map((one) => one.id)).toEqual([
      'good',
      'sample',
    ]);
    const { feeds } = await load(files);
    expect(feeds.map((feed) => feed.downloads.allowPrivateHosts)).toEqual([['127.0.0.1:3000']]);
  });

  it('finds nothing wrong with the definitions that come with the product', async () => {
    const { feeds, skipped, problems } = await loadFeeds(['feeds'], TEST_CONTEXT);
    expect(problems).toEqual([]);
    expect(feeds.map((feed) => feed.definition.id)).toEqual(['sample']);
    expect(skipped.map((one) => one.id)).toEqual(['nasa']);
  });
});
