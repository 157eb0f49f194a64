import type { AssetSummary, Site } from '@/lib/api/schemas';

/** The newest at a site, newest first: at HQ what was downloaded, at an edge what was delivered. */
export function latestPictures(site: Pick<Site, 'role'>, assets: readonly AssetSummary[]): AssetSummary[] {
  return site.role === 'hq'
    ? assets.filter((asset) => asset.sha256 !== null).sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    : assets.filter((asset) => asset.status === 'delivered').sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
}
