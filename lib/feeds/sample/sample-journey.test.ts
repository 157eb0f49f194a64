import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAssetDownload } from '@/lib/download';
import { startTestServer, type TestServer } from '@/lib/download/testing/bad-server';
import { asFieldlineError } from '@/lib/errors';
import { makePreviews } from '@/lib/media';
import { loadFeeds } from '../load';
import { pollOnce } from '../testing/bench';
import { openSampleLibrary } from './scenes';
import { serveSampleFeed, serveSamplePass } from './serve';

let server: TestServer;
let now = Date.UTC(2026, 5, 1);
beforeAll(async () => {
  const library = await openSampleLibrary(path.resolve('public/sample'));
  server = await startTestServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'http://app');
    const [, , , scene = '', file = ''] = url.pathname.split('/');
    const headers = new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const answer =
      url.pathname === '/sample/feed.json'
        ? serveSampleFeed(new Request(url, { headers }), library, now)
        : await serveSamplePass(library, scene, file, now).catch(
            (error) => new Response(null, { status: asFieldlineError(error).httpStatus }),
          );
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  });
});
afterAll(() => server.close());

it('the sample goes from its definition to a downloaded picture with previews, over HTTP', async () => {
  const context = { appBaseUrl: server.url, allowPrivateHosts: [] };
  const { feeds, problems } = await loadFeeds(['feeds'], context);
  expect(problems).toEqual([]);
  const sample = feeds.find((feed) => feed.definition.id === 'sample')!;
  const first = await pollOnce(sample);
  expect(first.errors).toEqual([]);
  expect(first.items).toHaveLength(12);
  expect((await pollOnce(sample)).items).toEqual([]);

  now += 15_000;
  const seen = new Set(first.items.map((item) => item.sourceId));
  const fresh = (await pollOnce(sample)).items.filter((item) => !seen.has(item.sourceId));
  expect(fresh).toHaveLength(1);

  const options = {
    bytesMax: 10_000_000,
    idleMsMax: 10_000,
    redirectsMax: 0,
    ...sample.downloads,
    expectedKind: fresh[0]!.kind,
    expectedMediaType: fresh[0]!.mediaType,
    signal: new AbortController().signal,
  };
  const download = await openAssetDownload(fresh[0]!.link, options);
  expect(download).toMatchObject({ mediaType: 'image/jpeg', fileName: expect.stringMatching(/^[a-z-]+-\d+\.jpg$/) });
  const bytes = await buffer(download.stream);
  expect(bytes.length).toBe(download.contentLength);
  expect(await makePreviews(bytes, download.mediaType)).toMatchObject({ width: 1080, height: 812 });

  const nowhereElse = { ...options, allowPrivateHosts: [] };
  await expect(openAssetDownload(fresh[0]!.link, nowhereElse)).rejects.toMatchObject({ code: 'ASSET_ADDRESS_REFUSED' });
});
