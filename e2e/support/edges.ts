/** An edge at work: it lists, asks, mirrors, and ends up with exactly what it asked for. */
import { expect } from 'vitest';
import type { AssetSummary, Mirror, RequestInfo } from '@/lib/api/schemas';
import { until } from './installation';
import { assetsAt, digestAt, type Place, requestsAt } from './settled';

/** Requests the assets, waits until HQ has staged them, mirrors, and waits until they are delivered. */
async function bring(edge: Place, assetIds: string[]): Promise<void> {
  const { at, site } = edge;
  await at.api(`/api/sites/${site}/requests`, { method: 'POST', body: { assetIds } });
  const countOf = async (status: string) =>
    (await assetsAt(edge)).filter((asset) => asset.status === status && assetIds.includes(asset.id)).length;
  await until(`HQ has staged what ${site} asked for`, async () => (await countOf('ready')) === assetIds.length);
  await at.api<Mirror>(`/api/sites/${site}/mirror`, { method: 'POST' });
  await until(`${site} has what it asked for`, async () => (await countOf('delivered')) === assetIds.length);
}

/** Both edges list all that HQ announced; each asks for some, and ends up with these; HQ knows. */
export async function expectEachGetsWhatItAskedFor(
  { hq, alpha, bravo }: Record<'hq' | 'alpha' | 'bravo', Place>,
  announced: number,
): Promise<void> {
  for (const edge of [alpha, bravo])
    await until(`${edge.site} lists every asset`, async () => (await assetsAt(edge)).length === announced, 120_000);
  const all = await assetsAt(alpha);
  const asked: [Place, AssetSummary[]][] = [
    [alpha, all.slice(0, 3)],
    [bravo, all.slice(2, 7)],
  ];
  await Promise.all(
    asked.map(([edge, assets]) =>
      bring(
        edge,
        assets.map((asset) => asset.id),
      ),
    ),
  );
  for (const [edge, assets] of asked)
    for (const { id } of await assetsAt(edge))
      expect([edge.site, await digestAt(edge, id)]).toEqual([
        edge.site,
        assets.find((asset) => asset.id === id)?.sha256 ?? null,
      ]);
  await until('HQ knows that both edges have everything', async () => {
    const requests: RequestInfo[] = await requestsAt(hq);
    return requests.length === 8 && requests.every((request) => request.status === 'received');
  });
}

/** HQ tells when each edge's link last reported, though it never dials one. */
export async function expectKnownAtHq({ at }: Place, edges: readonly Place[]): Promise<void> {
  await until('both edges are known at HQ', async () => {
    const { sites } = await at.api<{
      sites: { id: string; hosted: boolean; remote: { lastSeenAt: string | null } | null }[];
    }>('/api/sites');
    return edges.every(({ site }) =>
      sites.some(({ id, hosted, remote }) => id === site && !hosted && remote?.lastSeenAt),
    );
  });
}
