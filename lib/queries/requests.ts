import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AssetSummary, RequestInfo, RequestResults } from '@/lib/api/schemas';
import { mapAssets } from './catalogue';
import { callApi } from './http';
import { keys, sitePath } from './keys';

export interface RequestList {
  requests: RequestInfo[];
}
/** The API takes at most this many ids in one call. */
const REQUEST_IDS_MAX = 1000;
/** Cancellations under way at once; each is a call of its own. */
const CANCELS_AT_ONCE_MAX = 8;

export const requestsQuery = (site: string) =>
  queryOptions({
    queryKey: keys.requests(site),
    queryFn: ({ signal }) => callApi<RequestList>(sitePath(site, '/requests'), { signal }),
  });

export const useRequests = (site: string, enabled = true) => useQuery({ ...requestsQuery(site), enabled });

/**
 * Asks for assets. The rows show `requesting` at once, which is what has happened: it was asked for here.
 * Those that the server refuses, or all when the call fails, go back to what they were.
 */
export function useCreateRequests(edge: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (assetIds: readonly string[]) => {
      const results: RequestResults = { requests: [], refused: [] };
      for (let start = 0; start < assetIds.length; start += REQUEST_IDS_MAX) {
        const body = { assetIds: assetIds.slice(start, start + REQUEST_IDS_MAX) };
        const answer = await callApi<RequestResults>(sitePath(edge, '/requests'), { method: 'POST', body });
        results.requests.push(...answer.requests);
        results.refused.push(...answer.refused);
      }
      return results;
    },
    onMutate: (assetIds) => {
      const asked = new Set(assetIds);
      const before = new Map<string, AssetSummary>();
      mapAssets(client, edge, (asset) => {
        if (!asked.has(asset.id)) return asset;
        before.set(asset.id, asset);
        return { ...asset, status: 'requesting', reason: null };
      });
      return before;
    },
    onSuccess: (results, _ids, before) =>
      undo(client, edge, before, new Set(results.refused.map((one) => one.assetId))),
    onError: (_error, assetIds, before) => undo(client, edge, before, new Set(assetIds)),
  });
}

/** Takes back what was shown at once, unless an event has said something newer meanwhile. */
function undo(
  client: QueryClient,
  edge: string,
  before: ReadonlyMap<string, AssetSummary> | undefined,
  ids: ReadonlySet<string>,
): void {
  if (!before || ids.size === 0) return;
  mapAssets(client, edge, (asset) => {
    const known = ids.has(asset.id) ? before.get(asset.id) : undefined;
    return known && asset.updatedAt === known.updatedAt
      ? { ...asset, status: known.status, reason: known.reason }
      : asset;
  });
}

/** Withdraws requests by id; fails with the first error after all were tried. */
export function useCancelRequests(edge: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (requestIds: readonly string[]) => {
      const errors: unknown[] = [];
      const queue = [...requestIds];
      const worker = async () => {
        for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
          await callApi(sitePath(edge, `/requests/${encodeURIComponent(id)}`), { method: 'DELETE' }).catch((error) =>
            errors.push(error),
          );
        }
      };
      await Promise.all(Array.from({ length: Math.min(CANCELS_AT_ONCE_MAX, requestIds.length) }, worker));
      if (errors.length > 0) throw errors[0];
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.requests(edge) }),
  });
}
