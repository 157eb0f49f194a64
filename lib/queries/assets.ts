import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import type { AssetDetail, AssetPage, AssetSummary, AssetTrace } from '@/lib/api/schemas';
import { flattenCatalogue } from './catalogue';
import { callApi } from './http';
import { keys, sitePath } from './keys';

/** The first rows are there at once, the rest follows in larger pieces. */
const FIRST_PAGE_ROWS = 200;
const NEXT_PAGE_ROWS = 2000;
/** Beyond this the browser holds only the newest; the table says so and searches at the server. */
export const CATALOGUE_ROWS_MAX = 20_000;
/** Of a search at the server; whoever sees so many searches for more words. */
export const FOUND_ROWS_MAX = 500;
const FAILED_ROWS = 200;
const DELIVERED_ROWS = 60;

export const previewUrl = (asset: Pick<AssetSummary, 'site' | 'id' | 'sha256'>) =>
  `${sitePath(asset.site, `/assets/${asset.id}/preview`)}${asset.sha256 ? `?v=${asset.sha256.slice(0, 12)}` : ''}`;
export const contentUrl = (asset: Pick<AssetSummary, 'site' | 'id'>) =>
  sitePath(asset.site, `/assets/${asset.id}/content`);

const assetPage = (site: string, query: Record<string, string | number | null | undefined>, signal: AbortSignal) => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, String(value));
  return callApi<AssetPage>(sitePath(site, `/assets?${search}`), { signal });
};

export const catalogueQuery = (site: string) =>
  infiniteQueryOptions({
    queryKey: keys.catalogue(site),
    queryFn: ({ pageParam, signal }) =>
      assetPage(
        site,
        { limit: pageParam ? NEXT_PAGE_ROWS : FIRST_PAGE_ROWS, cursor: pageParam, sort: 'newest' },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last, pages) =>
      pages.reduce((rows, page) => rows + page.assets.length, 0) < CATALOGUE_ROWS_MAX ? last.nextCursor : null,
    staleTime: Number.POSITIVE_INFINITY,
  });

const NONE: AssetSummary[] = [];

/** All assets of a site, loading page after page. `total` is the server's count. */
export function useCatalogue(site: string, enabled = true) {
  const query = useInfiniteQuery({ ...catalogueQuery(site), enabled });
  const { hasNextPage, isFetching, isError, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  const recent = useRecent(site).data;
  const assets = useMemo(() => (query.data ? flattenCatalogue(query.data, recent) : NONE), [query.data, recent]);
  const total = Math.max(assets.length, query.data?.pages.at(-1)?.total ?? 0);
  return {
    assets,
    total,
    isPending: query.isPending,
    isComplete: !hasNextPage,
    error: query.error,
    refetch: query.refetch,
  };
}

/** What a search finds among all assets of a site, the newest first; for pages that do not hold them all. An empty search asks nothing. */
export const useFoundAssets = (site: string, search: string, enabled: boolean) =>
  useQuery({
    queryKey: keys.found(site, search),
    queryFn: ({ signal }) => assetPage(site, { q: search, limit: FOUND_ROWS_MAX, sort: 'newest' }, signal),
    enabled: enabled && search !== '',
  });

/** The assets that changed last at a site; the event stream fills it. */
export const useRecent = (site: string) =>
  useQuery<AssetSummary[]>({
    queryKey: keys.recent(site),
    queryFn: ({ signal }) => assetPage(site, { limit: 60, sort: 'newest' }, signal).then((page) => page.assets),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const assetQuery = (site: string, id: string) =>
  queryOptions({
    queryKey: keys.asset(site, id),
    queryFn: ({ signal }) => callApi<AssetDetail>(sitePath(site, `/assets/${encodeURIComponent(id)}`), { signal }),
  });
export const useAsset = (site: string, id: string) => useQuery(assetQuery(site, id));

/** The steps kept of an asset's trace; read again when the asset changes. */
export const useAssetTrace = ({ site, id, updatedAt }: Pick<AssetDetail, 'site' | 'id' | 'updatedAt'>) =>
  useQuery({
    queryKey: keys.trace(site, id, updatedAt),
    queryFn: ({ signal }) => callApi<AssetTrace>(sitePath(site, `/assets/${encodeURIComponent(id)}/trace`), { signal }),
    placeholderData: keepPreviousData,
  });

export const useFailedAssets = (site: string, enabled = true) =>
  useQuery({
    queryKey: keys.failed(site),
    queryFn: ({ signal }) => assetPage(site, { status: 'failed', limit: FAILED_ROWS, sort: 'newest' }, signal),
    enabled,
  });

/** What was delivered to an edge; the gallery of a page that does not hold the whole catalogue. */
export const useDeliveredAssets = (site: string, enabled = true) =>
  useQuery({
    queryKey: keys.delivered(site),
    queryFn: ({ signal }) => assetPage(site, { status: 'delivered', limit: DELIVERED_ROWS, sort: 'newest' }, signal),
    enabled,
  });

/** Tries a failed download once more. */
export function useRetryAsset(site: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      callApi<AssetDetail>(sitePath(site, `/assets/${encodeURIComponent(id)}/retry`), { method: 'POST' }),
    onSettled: (_asset, _error, id) =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.failed(site) }),
        client.invalidateQueries({ queryKey: keys.asset(site, id) }),
      ]),
  });
}
