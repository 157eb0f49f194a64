/** All assets of a site as the pages hold them: loaded in pages, kept current by events. Pure but for the query cache. */
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { AssetDetail, AssetPage, AssetSummary } from '@/lib/api/schemas';
import { keys } from './keys';

export type CatalogueData = InfiniteData<AssetPage, unknown>;
/** Assets that changed last, kept apart so that a page read before a change does not undo it. */
export const RECENT_ASSETS_MAX = 500;

const isNewer = (a: AssetSummary, b: AssetSummary) => Date.parse(a.updatedAt) >= Date.parse(b.updatedAt);

/** Every asset once (the latest reading wins), in the order loaded. */
export function flattenCatalogue(data: CatalogueData, recent: readonly AssetSummary[] = []): AssetSummary[] {
  const byId = new Map<string, AssetSummary>();
  for (const page of data.pages) {
    for (const asset of page.assets) {
      const known = byId.get(asset.id);
      if (!known || isNewer(asset, known)) byId.set(asset.id, asset);
    }
  }
  for (const asset of recent) {
    const known = byId.get(asset.id);
    if (known && known !== asset && isNewer(asset, known)) byId.set(asset.id, asset);
  }
  return [...byId.values()];
}

/** Pages with changed assets replaced in place and new ones put first. Untouched pages keep their identity. */
export function withChangedAssets(
  data: CatalogueData | undefined,
  changed: ReadonlyMap<string, AssetSummary>,
): CatalogueData | undefined {
  if (!data || data.pages.length === 0 || changed.size === 0) return data;
  const unseen = new Map(changed);
  const pages = data.pages.map((page) => {
    let touched = false;
    const assets = page.assets.map((asset) => {
      const change = changed.get(asset.id);
      if (!change) return asset;
      unseen.delete(asset.id);
      if (!isNewer(change, asset)) return asset;
      touched = true;
      return change;
    });
    return touched ? { ...page, assets } : page;
  });
  const first = pages[0];
  if (unseen.size > 0 && first) pages[0] = { ...first, assets: [...unseen.values(), ...first.assets] };
  return { ...data, pages };
}

/** The recent list with changes put first, bounded. */
export function withRecent(
  recent: readonly AssetSummary[] | undefined,
  changed: ReadonlyMap<string, AssetSummary>,
): AssetSummary[] {
  const rest = (recent ?? []).filter((asset) => !changed.has(asset.id));
  return [...[...changed.values()].reverse(), ...rest].slice(0, RECENT_ASSETS_MAX);
}

/** Changes every cached copy of a site's assets, for what a person has just done. */
export function mapAssets(client: QueryClient, site: string, change: (asset: AssetSummary) => AssetSummary): void {
  client.setQueryData<CatalogueData>(keys.catalogue(site), (data) =>
    data ? { ...data, pages: data.pages.map((page) => ({ ...page, assets: page.assets.map(change) })) } : data,
  );
  client.setQueryData<AssetSummary[]>(keys.recent(site), (recent) => recent?.map(change));
  client.setQueriesData<AssetDetail>({ queryKey: [...keys.assets(site), 'one'] }, (detail) =>
    detail ? { ...detail, ...change(detail) } : detail,
  );
}
