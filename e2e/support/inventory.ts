/** Nothing lost, nothing twice: counted at every place where an asset leaves a trace. */
import { createHash } from 'node:crypto';
import { expect } from '@playwright/test';
import type { AssetPage, AssetSummary, RequestInfo } from '@/lib/api/schemas';
import type { Installation } from './installation';
import type { Mission } from './mission';

/** All rows of a site. */
export const assetsAt = async (installation: Installation, site: string): Promise<AssetSummary[]> =>
  (await installation.api<AssetPage>(`/api/sites/${site}/assets?limit=1000&sort=title`)).assets;

/** The row of an asset at a site; fails when there is not exactly one. */
export async function assetAt(installation: Installation, site: string, title: string): Promise<AssetSummary> {
  const rows = (await assetsAt(installation, site)).filter((asset) => asset.title === title);
  expect(rows, `rows of "${title}" at ${site}`).toHaveLength(1);
  return rows[0]!;
}

const requestsAt = async (installation: Installation, site: string): Promise<RequestInfo[]> =>
  (await installation.api<{ requests: RequestInfo[] }>(`/api/sites/${site}/requests?limit=1000`)).requests;

/** HQ and alpha have one row for each of what was published, under the same ids; what `failed` at HQ only HQ has. */
export async function expectEachListedOnce({ installation, sources }: Mission, failed: string[] = []): Promise<void> {
  const [atHq, atAlpha] = [await assetsAt(installation, 'hq'), await assetsAt(installation, 'alpha')];
  expect(atHq.map((asset) => asset.title).toSorted()).toEqual([...sources.keys()].toSorted());
  const announced = atHq.filter((asset) => !failed.includes(asset.title));
  expect(atAlpha.map((asset) => asset.title).toSorted()).toEqual(announced.map((asset) => asset.title).toSorted());
  expect(atAlpha.map((asset) => asset.id).toSorted()).toEqual(announced.map((asset) => asset.id).toSorted());
}

/** Alpha has just these files, each as the feed served it, by one request each, and HQ knows. */
export async function expectDeliveredOnce(mission: Mission, titles: readonly string[]): Promise<void> {
  const { installation, feed, sources } = mission;
  const wanted = titles.map((title) => feed.digest(sources.get(title)!)).toSorted();

  const rows = (await assetsAt(installation, 'alpha')).filter((asset) => asset.status === 'delivered');
  expect(rows.map((asset) => asset.title).toSorted()).toEqual(titles.toSorted());

  const served = await Promise.all(rows.map((asset) => contentDigest(installation, 'alpha', asset.id)));
  expect(served.toSorted()).toEqual(wanted);
  expect(await mirroredDigests(installation)).toEqual(wanted);

  const ids = rows.map((asset) => asset.id).toSorted();
  const asked = (await requestsAt(installation, 'alpha')).filter((request) => request.status === 'delivered');
  expect(asked.map((request) => request.assetId).toSorted()).toEqual(ids);
  await expect
    .poll(async () => (await requestsAt(installation, 'hq')).filter((one) => one.status === 'received').length)
    .toBe(titles.length);
  const known = (await requestsAt(installation, 'hq')).filter((request) => request.status === 'received');
  expect(known.map((request) => request.id).toSorted()).toEqual(asked.map((request) => request.id).toSorted());
}

/** HQ holds one request for each of these, whatever its state. */
export async function expectRequestsAtHq({ installation }: Mission, titles: readonly string[]): Promise<void> {
  const requests = await requestsAt(installation, 'hq');
  expect(requests.map((request) => request.title).toSorted()).toEqual(titles.toSorted());
}

async function contentDigest(installation: Installation, site: string, id: string): Promise<string> {
  const response = await fetch(`${installation.url}/api/sites/${site}/assets/${id}/content`);
  expect(response.status).toBe(200);
  return createHash('sha256')
    .update(Buffer.from(await response.arrayBuffer()))
    .digest('hex');
}

/** Digests of the files in alpha's mirror volume, as its fabric lists them. */
async function mirroredDigests(installation: Installation): Promise<string[]> {
  const { restPort } = installation.doors.alpha!;
  const response = await fetch(`http://127.0.0.1:${restPort}/files/missionx/inbound/?list=json&recursive=true`);
  const { entries } = (await response.json()) as { entries: { sha256: string }[] };
  return entries.map((file) => file.sha256).toSorted();
}
