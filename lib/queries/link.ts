import { queryOptions, skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Link, LinkUpdate } from '@/lib/api/schemas';
import { callApi } from './http';
import { keys, sitePath } from './keys';
import type { ThroughputSample } from './throughput';

const CONNECTING_POLL_MS = 1000;
const LINK_POLL_MS = 4000;

export const linkQuery = (edge: string) =>
  queryOptions({
    queryKey: keys.link(edge),
    queryFn: ({ signal }) => callApi<Link>(sitePath(edge, '/link'), { signal }),
    refetchInterval: (query) => (query.state.data?.state === 'connecting' ? CONNECTING_POLL_MS : LINK_POLL_MS),
  });

export const useLink = (edge: string, enabled = true) => useQuery({ ...linkQuery(edge), enabled });

/** Samples of what went over the link since this page opened; filled by events, never fetched. */
export const useThroughput = (edge: string): ThroughputSample[] =>
  useQuery({ queryKey: keys.throughput(edge), queryFn: skipToken, initialData: NO_SAMPLES }).data ?? NO_SAMPLES;
const NO_SAMPLES: ThroughputSample[] = [];

/** Pause, resume, or (in the demonstration) condition the link. */
export function useLinkChange(edge: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: LinkUpdate) => callApi<Link>(sitePath(edge, '/link'), { method: 'PUT', body: change }),
    onSuccess: (link) => client.setQueryData<Link>(keys.link(edge), link),
  });
}
