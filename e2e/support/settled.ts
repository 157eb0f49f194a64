/** Nothing lost, nothing twice, nothing stuck: what holds once a mission that lost processes on the way has settled. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { AssetPage, AssetSummary, Mirror, RequestInfo, Service } from '@/lib/api/schemas';
import { type Installation, until } from './installation';

/** A site, and the installation that hosts it. */
export interface Place {
  at: Installation;
  site: string;
}
export interface World {
  hq: Place;
  edges: readonly Place[];
  /** What the feed published, by title: the SHA-256 of each picture. */
  digests: ReadonlyMap<string, string>;
  /** Titles of what fails for a lasting reason. */
  bad?: readonly string[];
  /** Ids of the assets that each edge asked for. */
  asked: ReadonlyMap<string, ReadonlySet<string>>;
}

const SETTLE_TIMEOUT_MS = 120_000;

export const assetsAt = async ({ at, site }: Place): Promise<AssetSummary[]> =>
  (await at.api<AssetPage>(`/api/sites/${site}/assets?limit=1000`)).assets;

export const requestsAt = async ({ at, site }: Place): Promise<RequestInfo[]> =>
  (await at.api<{ requests: RequestInfo[] }>(`/api/sites/${site}/requests?limit=1000`)).requests;

/** Null while the site does not have the file. */
export async function digestAt({ at, site }: Place, assetId: string): Promise<string | null> {
  const response = await fetch(`${at.url}/api/sites/${site}/assets/${assetId}/content`);
  const content = Buffer.from(await response.arrayBuffer());
  if (response.status === 404) return null;
  expect(response.status).toBe(200);
  return createHash('sha256').update(content).digest('hex');
}

export async function startMirror({ at, site }: Place): Promise<void> {
  const { state } = await at.api<Mirror>(`/api/sites/${site}/mirror`);
  if (state !== 'running') await at.api(`/api/sites/${site}/mirror`, { method: 'POST' });
}

/** Waits until the mission has come to rest, then counts at every place where an asset leaves a trace. */
export async function expectSettled(world: World): Promise<void> {
  await expectAllBroadcast(world);
  for (const edge of world.edges) await expectDelivered(world, edge);
  await expectHqKnows(world);
  await expectServicesRunning(world);
}

async function expectAllBroadcast({ hq, edges, digests, bad = [] }: World): Promise<void> {
  const titles = [...digests.keys()].toSorted();
  await until(
    'every picture is broadcast',
    async () => (await assetsAt(hq)).filter((asset) => asset.status === 'broadcast').length === titles.length,
    SETTLE_TIMEOUT_MS,
  );
  const atHq = await assetsAt(hq);
  expect(atHq.map(({ title, status }) => [title, status]).toSorted()).toEqual(
    [...bad.map((title) => [title, 'failed']), ...titles.map((title) => [title, 'broadcast'])].toSorted(),
  );
  expect(atHq.filter((asset) => asset.status === 'failed').every((asset) => asset.reason)).toBe(true);
  for (const edge of edges) {
    const isComplete = async () => (await assetsAt(edge)).length >= titles.length;
    await until(`${edge.site} knows them all`, isComplete, SETTLE_TIMEOUT_MS);
    expect((await assetsAt(edge)).map((asset) => asset.title).toSorted()).toEqual(titles);
  }
}

/** The edge has what it asked for, as the feed served it, and nothing else. */
async function expectDelivered({ asked, digests }: World, edge: Place): Promise<void> {
  const wanted = asked.get(edge.site) ?? new Set();
  await until(
    `what ${edge.site} asked for is delivered`,
    async () => {
      const rows = (await assetsAt(edge)).filter((asset) => wanted.has(asset.id));
      if (rows.every((asset) => asset.status === 'delivered')) return true;
      if (rows.some((asset) => asset.status === 'ready')) await startMirror(edge);
      return false;
    },
    SETTLE_TIMEOUT_MS,
  );
  // A request that died with its answer on the way may have been made all the same.
  const made = await requestsAt(edge);
  expect(new Set(made.map((request) => request.assetId)).size).toBe(made.length);
  expect([...wanted].filter((id) => !made.some((request) => request.assetId === id))).toEqual([]);
  const unasked = (await assetsAt(edge)).filter(({ id }) => !made.some((request) => request.assetId === id));
  for (const { id, status } of unasked) expect([status, await digestAt(edge, id)]).toEqual(['available', null]);
  for (const { id, title, sha256 } of (await assetsAt(edge)).filter((asset) => wanted.has(asset.id)))
    expect([title, await digestAt(edge, id), sha256]).toEqual([title, digests.get(title), digests.get(title)]);
}

async function expectHqKnows({ hq, edges }: World): Promise<void> {
  const rows = (requests: RequestInfo[], done: string) =>
    requests.map(({ id, status }) => [id, status === done ? 'done' : status]).toSorted();
  await until(
    'HQ knows what each edge received',
    async () => {
      for (const edge of edges) await startMirror(edge);
      const atEdges = (await Promise.all(edges.map(requestsAt))).flat();
      return (
        atEdges.every(({ status }) => status === 'delivered') &&
        JSON.stringify(rows(await requestsAt(hq), 'received')) === JSON.stringify(rows(atEdges, 'delivered'))
      );
    },
    SETTLE_TIMEOUT_MS,
  );
}

async function expectServicesRunning({ hq, edges }: World): Promise<void> {
  for (const { at, site } of [hq, ...edges])
    for (const service of (await at.api<{ services: Service[] }>(`/api/sites/${site}/services`)).services)
      expect([site, service.id, service.desired, service.state, service.deadLetters]).toEqual([
        site,
        service.id,
        'running',
        'running',
        0,
      ]);
}
