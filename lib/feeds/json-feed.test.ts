import { readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { feedJsonSchema } from './json-schema';
import { FEED_BYTES_MAX, UNMODIFIED_MS_MAX } from './source';
import { expectDescribable, pollOnce, sendJson, setUpFeedBench } from './testing/bench';

const bench = setUpFeedBench();

describe('a feed in the documented JSON form', () => {
  const jsonFeed = () => bench.feedOf({ kind: 'json', url: `${bench.server.url}/feeds/mine.json` });

  it('gives items with links made absolute, and allows its own host only', async () => {
    bench.answer = (_, response) =>
      sendJson(response, {
        items: [
          {
            id: 'a',
            title: 'A \u202emap\u0007 ',
            keywords: ['river', 'delta', 'river'],
            acquiredAt: '2025-01-02T03:04:05+02:00',
            place: { lat: 1, lon: 2 },
            link: '../files/a.png',
            extra: 'ignored',
          },
          {
            id: 'b',
            title: 'x'.repeat(300),
            description: 'y'.repeat(5000),
            kind: 'document',
            link: 'https://h.example/b',
            version: 'v1',
          },
          { id: 'c', title: 'No link' },
        ],
      });
    const feed = await jsonFeed();
    const { items, errors } = await pollOnce(feed);
    expect(errors).toEqual([]);
    expectDescribable(items);
    expect(items[0]).toEqual({
      sourceId: 'a',
      title: 'A map',
      kind: 'image',
      keywords: ['river', 'delta'],
      acquiredAt: '2025-01-02T01:04:05.000Z',
      place: { lat: 1, lon: 2 },
      link: `${bench.server.url}/files/a.png`,
      contentKey: `link:${bench.server.url}/files/a.png`,
    });
    expect(items[1]).toMatchObject({ kind: 'document', contentKey: 'v1', link: 'https://h.example/b' });
    expect(items[1]?.title).toHaveLength(200);
    expect(items[1]?.description).toMatch(/…$/);
    expect(items[2]).not.toHaveProperty('link');
    expect(feed.downloads).toEqual({ allowPrivateHosts: [bench.server.host], allowedFolders: [] });
  });

  it('names a bad item and still gives the others', async () => {
    bench.answer = (_, response) =>
      sendJson(response, {
        items: [
          { id: 'a', title: 'Good' },
          { id: 'b', title: 'Bad', place: { lat: 99, lon: 0 } },
          'nonsense',
          { title: 'No id' },
          { id: 'e', title: 'Long link', link: `/${'x'.repeat(2040)}` },
          { id: 'f', title: 'Good too' },
        ],
      });
    const { items, errors } = await pollOnce(await jsonFeed());
    expect(items.map((item) => item.sourceId)).toEqual(['a', 'f']);
    expect(errors.map((error) => error.message)).toEqual([
      expect.stringMatching(/^Feed mine, item 2 \("b"\): place\.lat: /),
      expect.stringMatching(/^Feed mine, item 3: the item: /),
      expect.stringMatching(/^Feed mine, item 4: id: /),
      expect.stringMatching(/^Feed mine, item 5 \("e"\): link: longer than 2048/),
    ]);
    expect(new Set(errors.map((error) => error.code))).toEqual(new Set(['FEED_INVALID']));
  });

  it('is asked for again only when it changed, and in full now and then', async () => {
    const asked: (string | undefined)[] = [];
    bench.answer = (request, response) => {
      asked.push(request.headers['if-none-match']);
      if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
      else sendJson(response, { items: [{ id: 'a', title: 'A' }] }, { etag: '"1"' });
    };
    const feed = await jsonFeed();
    expect((await pollOnce(feed)).items).toHaveLength(1);
    expect((await pollOnce(feed)).items).toHaveLength(0);
    bench.now += UNMODIFIED_MS_MAX + 1;
    expect((await pollOnce(feed)).items).toHaveLength(1);
    expect(asked).toEqual([undefined, '"1"', undefined]);
  });

  it('is asked for in full again when a poll was not read to its end', async () => {
    bench.answer = (request, response) => {
      if (request.headers['if-none-match']) response.writeHead(304).end();
      else
        sendJson(
          response,
          {
            items: [
              { id: 'a', title: 'A' },
              { id: 'b', title: 'B' },
            ],
          },
          { etag: '"1"' },
        );
    };
    const feed = await jsonFeed();
    for await (const _ of feed.poll(new AbortController().signal)) break;
    expect((await pollOnce(feed)).items).toHaveLength(2);
  });

  it('may be compressed', async () => {
    bench.answer = (_, response) =>
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(JSON.stringify({ items: [{ id: 'a', title: 'A' }] })));
    expect((await pollOnce(await jsonFeed())).items).toHaveLength(1);
  });

  it.each<[string, (response: ServerResponse) => void, string, RegExp]>([
    ['an error', (r) => r.writeHead(500).end(), 'FEED_UNAVAILABLE', /500/],
    ['a sign-in page', (r) => r.end('<!doctype html><p>Sign in'), 'FEED_INVALID', /a web page or XML instead of JSON/],
    ['half a document', (r) => r.end('{"items": ['), 'FEED_INVALID', /not JSON/],
    ['another form', (r) => r.end('{"entries": []}'), 'FEED_INVALID', /items: /],
    [
      'a cut answer',
      (r) => void r.writeHead(200, { 'content-length': 99 }).write('{', () => r.destroy()),
      'FEED_UNAVAILABLE',
      /broke off/,
    ],
    [
      'too much',
      (r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(FEED_BYTES_MAX + 1, ' '))),
      'FEED_UNAVAILABLE',
      /more than the limit/,
    ],
    [
      'a redirect inwards',
      (r) => r.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      'FEED_UNAVAILABLE',
      /not an address of the internet/,
    ],
  ])('that answers with %s says so', async (_, respond, code, message) => {
    bench.answer = (_, response) => respond(response);
    const failing = pollOnce(await jsonFeed());
    await expect(failing).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('stops with the reason of the signal', async () => {
    bench.answer = () => undefined;
    const abort = new AbortController();
    const reason = new Error('stopped');
    setTimeout(() => abort.abort(reason), 30);
    await expect(pollOnce(await jsonFeed(), abort.signal)).rejects.toBe(reason);
  });

  it('may be a file, with its assets beside it', async () => {
    await writeFile(
      path.join(bench.folder, 'list.json'),
      JSON.stringify({ items: [{ id: 'a', title: 'A', link: 'a.png' }] }),
    );
    const feed = await bench.feedOf({ kind: 'json', file: 'list.json' });
    expect((await pollOnce(feed)).items[0]?.link).toBe(pathToFileURL(path.join(bench.folder, 'a.png')).href);
    expect(feed.downloads.allowedFolders).toEqual([bench.folder]);
  });

  it('whose file is missing says so', async () => {
    await expect(pollOnce(await bench.feedOf({ kind: 'json', file: 'gone.json' }))).rejects.toMatchObject({
      code: 'FEED_UNAVAILABLE',
    });
  });

  it('has a published schema that is the one in use', async () => {
    const published = JSON.parse(await readFile('docs/feed.schema.json', 'utf8'));
    expect(published, 'run: node scripts/write-feed-schema.mjs').toEqual(JSON.parse(JSON.stringify(feedJsonSchema())));
  });
});
