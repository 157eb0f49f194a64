import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Sites } from '@/lib/api/schemas';
import { callApi } from './http';
import { keys } from './keys';

/** Events bring changes at once; the poll renews `asOf` where nothing changes. */
const SITES_POLL_MS = 10_000;

export const sitesQuery = () =>
  queryOptions({
    queryKey: keys.sites(),
    queryFn: ({ signal }) => callApi<Sites>('/api/sites', { signal }),
    refetchInterval: SITES_POLL_MS,
  });

export const useSites = () => useQuery(sitesQuery());
