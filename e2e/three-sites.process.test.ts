/** HQ and two edges as three separate installations: the same build is HQ on one machine and an edge on another. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AssetPage, Mirror, RequestInfo } from '@/lib/api/schemas';
import { type FeedServer, startFeedServer } from './support/feed-server';
import { Installation, until } from './support/installation';

const ASSETS = 12;
let feed: FeedServer;
let hq: Installation;
let alpha: Installation;
let bravo: Installation;

beforeAll(async () => {
  feed = await startFeedServer();
  for (let n = 0; n < ASSETS; n++) feed.publish(`Scene ${n}`);
  hq = await Installation.start({ sites: ['hq'], feeds: [feed.definition] });
  const upstream = `127.0.0.1:${hq.doors.hq!.restPort}`;
  alpha = await Installation.start({ sites: ['alpha'], upstream });
  // The Kafka door is as good an address as the REST door.
  bravo = await Installation.start({ sites: ['bravo'], upstream: `127.0.0.1:${hq.doors.hq!.kafkaPort}` });
}, 240_000);

afterAll(async () => {
  for (const part of [bravo, alpha, hq]) await part?.stop();
  await feed?.close();
}, 60_000);

const list = (at: Installation, site: string) => at.api<AssetPage>(`/api/sites/${site}/assets?limit=1000`);
const files = async (at: Installation, site: string): Promise<{ path: string; sha256: string }[]> => {
  const response = await fetch(
    `http://127.0.0.1:${at.doors[site]!.restPort}/files/missionx/inbound/?list=json&recursive=true`,
  );
  return ((await response.json()) as { entries: { path: string; sha256: string }[] }).entries;
};

/** Requests the assets, waits until HQ has staged them, mirrors, and waits until they are delivered. */
async function bring(at: Installation, site: string, assetIds: string[]): Promise<void> {
  await at.api(`/api/sites/${site}/requests`, { method: 'POST', body: { assetIds } });
  const countOf = async (status: string) =>
    (await list(at, site)).assets.filter((asset) => asset.status === status && assetIds.includes(asset.id)).length;
  await until(`HQ has staged what ${site} asked for`, async () => (await countOf('ready')) === assetIds.length);
  await at.api<Mirror>(`/api/sites/${site}/mirror`, { method: 'POST' });
  await until(`${site} has what it asked for`, async () => (await countOf('delivered')) === assetIds.length);
}

describe('three installations', () => {
  it('each edge lists all that HQ announced, and ends up with exactly what it asked for', async () => {
    for (const [at, site] of [
      [alpha, 'alpha'],
      [bravo, 'bravo'],
    ] as const)
      await until(`${site} lists every asset`, async () => (await list(at, site)).total === ASSETS);

    const all = (await list(alpha, 'alpha')).assets;
    const forAlpha = all.slice(0, 3);
    const forBravo = all.slice(2, 7);
    await Promise.all([
      bring(
        alpha,
        'alpha',
        forAlpha.map((asset) => asset.id),
      ),
      bring(
        bravo,
        'bravo',
        forBravo.map((asset) => asset.id),
      ),
    ]);

    for (const [at, site, asked] of [
      [alpha, 'alpha', forAlpha],
      [bravo, 'bravo', forBravo],
    ] as const) {
      const held = (await files(at, site)).map((file) => file.sha256).toSorted();
      expect(held).toEqual(asked.map((asset) => asset.sha256!).toSorted());
      const content = await fetch(`${at.url}/api/sites/${site}/assets/${asked[0]!.id}/content`);
      expect(content.status).toBe(200);
      expect(Buffer.from(await content.arrayBuffer()).length).toBe(asked[0]!.bytes);
    }

    await until('HQ knows that both edges have everything', async () => {
      const { requests } = await hq.api<{ requests: RequestInfo[] }>('/api/sites/hq/requests');
      return requests.length === 8 && requests.every((request) => request.status === 'received');
    });
  }, 240_000);

  it('HQ sees both edges and when their links last reported, without dialling them', async () => {
    await until('both edges are known at HQ', async () => {
      const { sites } = await hq.api<{
        sites: { id: string; hosted: boolean; remote: { lastSeenAt: string | null } | null }[];
      }>('/api/sites');
      return ['alpha', 'bravo'].every((id) =>
        sites.some((site) => site.id === id && !site.hosted && site.remote?.lastSeenAt),
      );
    });
  });
});
