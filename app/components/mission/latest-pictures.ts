import { useMemo } from 'react';
import type { AssetSummary, Site } from '@/lib/api/schemas';
import { useDeliveredAssets, useRecent } from '@/lib/queries/assets';

/** The newest at a site, newest first: at HQ what was downloaded, at an edge what was delivered. */
export function latestPictures(site: Pick<Site, 'role'>, assets: readonly AssetSummary[]): AssetSummary[] {
  return site.role === 'hq'
    ? assets.filter((asset) => asset.sha256 !== null).sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    : assets.filter((asset) => asset.status === 'delivered').sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
}

/** The newest pictures of a site. An edge's deliveries are read apart: they may be older than all that changed lately. */
export function useLatestPictures(site: Site) {
  const isEdge = site.role === 'edge';
  const recent = useRecent(site.id);
  const delivered = useDeliveredAssets(site.id, isEdge);
  const source = isEdge ? delivered.data?.assets : recent.data;
  const pictures = useMemo(() => source && latestPictures(site, source), [site, source]);
  const query = isEdge ? delivered : recent;
  return { pictures, error: query.error, refetch: () => void query.refetch() };
}
