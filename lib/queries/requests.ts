import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RequestInfo } from '@/lib/api/schemas';
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
 * When the call fails the rows are read again.
 */
export function useCreateRequests(edge: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (assetIds: readonly string[]) => {
      const requests: RequestInfo[] = [];
      for (let start = 0; start < assetIds.length; start += REQUEST_IDS_MAX) {
        const body = { assetIds: assetIds.slice(start, start + REQUEST_IDS_MAX) };
        const answer = await callApi<RequestList>(sitePath(edge, '/requests'), { method: 'POST', body });
        requests.push(...answer.requests);
      }
      return requests;
    },
    onMutate: (assetIds) => {
      const asked = new Set(assetIds);
      mapAssets(client, edge, (asset) =>
        asked.has(asset.id) ? { ...asset, status: 'requesting', reason: null } : asset,
      );
    },
    onError: () => client.invalidateQueries({ queryKey: keys.assets(edge) }),
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
