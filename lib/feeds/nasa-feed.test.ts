import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { expectDescribable, pollOnce, sendJson, setUpFeedBench } from './testing/bench';

const bench = setUpFeedBench();

describe('a search of the NASA Image and Video Library', () => {
  const fixture = path.resolve('lib/feeds/testing/nasa-search.json');
  const manifests: Record<string, unknown> = {
    '/video/FL%200002/collection.json': [
      'FL 0002~orig.mp4',
      'FL 0002~large.mp4',
      'FL 0002~mobile.mp4',
      'FL 0002.srt',
      'metadata.json',
    ],
    '/audio/FL-0003/collection.json': ['FL-0003~orig.mp3', 'FL-0003~128k.mp3'],
    '/image/FL-0005/collection.json': ['FL-0005~orig.png', 'FL-0005~medium.jpg', 'FL-0005~thumb.jpg'],
  };
  const nasaFeed = (more: Record<string, unknown> = {}) =>
    bench.feedOf({ kind: 'nasa-images', url: `${bench.server.url}/search`, ...more });

  beforeEach(async () => {
    const search = await readFile(fixture, 'utf8');
    bench.answer = (request, response) => {
      const url = request.url ?? '';
      if (url === '/search') response.end(search);
      else if (url in manifests) sendJson(response, manifests[url]);
      else response.writeHead(url.includes('FL-0007') ? 503 : 404).end();
    };
  });

  it('gives each item with its facts and the best file of its kind', async () => {
    const { items } = await pollOnce(await nasaFeed());
    expectDescribable(items);
    expect(items).toHaveLength(5);
    expect(items[0]).toEqual({
      sourceId: 'FL-0001',
      title: 'River delta at low water',
      description: 'Channels of a delta, seen from orbit.',
      kind: 'image',
      keywords: ['delta', 'river', 'Delta', 'River', 'Sediment'],
      credit: 'NASA / JSC / A. Surveyor',
      acquiredAt: '2021-03-04T00:00:00.000Z',
      link: `${bench.server.url}/image/FL-0001/FL-0001~large.jpg`,
      mediaType: 'image/jpeg',
      contentKey: 'image:2021-03-04T00:00:00Z',
    });
    expect(items[1]).toMatchObject({
      kind: 'video',
      link: `${bench.server.url}/video/FL%200002/FL%200002~large.mp4`,
      mediaType: 'video/mp4',
      credit: 'NASA / GSFC / Ice Team',
      description: 'Time lapse of a pass over sea ice.',
      keywords: [],
    });
    expect(items[2]).toMatchObject({
      kind: 'other',
      link: `${bench.server.url}/audio/FL-0003/FL-0003~128k.mp3`,
      mediaType: 'audio/mpeg',
    });
    expect(items[2]).not.toHaveProperty('acquiredAt');
    expect(items[3]).toMatchObject({ sourceId: 'FL-0004', title: 'Nothing but words' });
    expect(items[3]).not.toHaveProperty('link');
    expect(items[4]).toMatchObject({ link: `${bench.server.url}/image/FL-0005/FL-0005~medium.jpg` });
  });

  it('names what it can not use, and asks for a list that was away again', async () => {
    const feed = await nasaFeed();
    const { errors } = await pollOnce(feed);
    expect(errors).toMatchObject([
      { code: 'FEED_INVALID', message: expect.stringMatching(/item 6 \("FL-0006"\): data\.0\.media_type: /) },
      {
        code: 'FEED_UNAVAILABLE',
        message: expect.stringMatching(/item 7 \("FL-0007"\): its list of files can not be read: .*503/),
      },
    ]);
    manifests['/video/FL-0007/collection.json'] = ['FL-0007~mobile.mp4'];
    expect((await pollOnce(feed)).items.at(-1)).toMatchObject({
      sourceId: 'FL-0007',
      link: expect.stringContaining('~mobile.mp4'),
    });
    delete manifests['/video/FL-0007/collection.json'];
  });

  it('takes the file at hand when the list of better ones stays away', async () => {
    const data = [{ nasa_id: 'FL-0100', media_type: 'image' }];
    const links = [{ href: '/image/FL-0100~thumb.jpg', rel: 'preview', render: 'image' }];
    bench.answer = (request, response) =>
      request.url === '/search'
        ? sendJson(response, { collection: { items: [{ href: '/FL-0100.json', data, links }] } })
        : response.writeHead(503).end();
    const feed = await nasaFeed();
    expect((await pollOnce(feed)).items).toEqual([]);
    expect((await pollOnce(feed)).items).toEqual([]);
    expect((await pollOnce(feed)).items).toMatchObject([{ link: `${bench.server.url}/image/FL-0100~thumb.jpg` }]);
  });

  it('takes a link for what it renders as when its name does not tell', async () => {
    const data = [{ nasa_id: 'FL-0101', media_type: 'image' }];
    const links = [{ href: '/file?id=101', rel: 'preview', render: 'image' }];
    bench.answer = (_, response) => sendJson(response, { collection: { items: [{ data, links }] } });
    expect((await pollOnce(await nasaFeed())).items).toMatchObject([{ link: `${bench.server.url}/file?id=101` }]);
  });

  it('asks for each list of files once', async () => {
    const feed = await nasaFeed();
    await pollOnce(feed);
    await pollOnce(feed);
    expect(bench.server.requests.filter((url) => url.includes('FL-0003'))).toHaveLength(1);
  });

  it.each([
    ['orig', '~orig.jpg'],
    ['medium', '~medium.jpg'],
    ['small', '~medium.jpg'],
  ])('brings the rendition that was asked for: %s', async (rendition, ending) => {
    const { items } = await pollOnce(await nasaFeed({ rendition }));
    expect(items[0]?.link).toContain(ending);
  });

  it('may be a file', async () => {
    const { items } = await pollOnce(await bench.feedOf({ kind: 'nasa-images', file: fixture }));
    expect(items.map((item) => item.sourceId)).toContain('FL-0001');
  });

  it('of another form is refused in words', async () => {
    bench.answer = (_, response) => sendJson(response, { reason: 'none' });
    await expect(pollOnce(await nasaFeed())).rejects.toMatchObject({
      code: 'FEED_INVALID',
      message: expect.stringMatching(/no search response .*: collection: /),
    });
  });
});
