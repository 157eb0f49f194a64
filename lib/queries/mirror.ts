import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Mirror } from '@/lib/api/schemas';
import { callApi } from './http';
import { keys, sitePath } from './keys';

const RUNNING_POLL_MS = 1000;
const MIRROR_POLL_MS = 5000;

export const mirrorQuery = (edge: string) =>
  queryOptions({
    queryKey: keys.mirror(edge),
    queryFn: ({ signal }) => callApi<Mirror>(sitePath(edge, '/mirror'), { signal }),
    refetchInterval: (query) => (query.state.data?.state === 'running' ? RUNNING_POLL_MS : MIRROR_POLL_MS),
  });

export const useMirror = (edge: string, enabled = true) => useQuery({ ...mirrorQuery(edge), enabled });

/** Asks HQ what waits; this uses the link. */
export function useMirrorRefresh(edge: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => callApi<Mirror>(sitePath(edge, '/mirror?refresh=true')),
    onSuccess: (mirror) => client.setQueryData<Mirror>(keys.mirror(edge), mirror),
  });
}

/** Starts or stops a run. What was brought before a stop is kept for the next run. */
export function useMirrorRun(edge: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (action: 'start' | 'stop') =>
      callApi<Mirror | undefined>(sitePath(edge, '/mirror'), { method: action === 'start' ? 'POST' : 'DELETE' }),
    onSuccess: (mirror) => {
      if (mirror?.state) client.setQueryData<Mirror>(keys.mirror(edge), mirror);
      return client.invalidateQueries({ queryKey: keys.mirror(edge) });
    },
  });
}
