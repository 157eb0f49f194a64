import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ConnectionInfo, ConnectionInput, Connections, ConnectionTest, Job } from '@/lib/api/connections';
import { callApi } from './http';
import { keys, sitePath } from './keys';

/** A job tells of itself by events; this is for a page whose event stream is broken. */
const JOB_POLL_MS = 2000;

const connectionsQuery = queryOptions({
  queryKey: keys.connections(),
  queryFn: ({ signal }) => callApi<Connections>('/api/connections', { signal }),
  refetchInterval: (query) =>
    query.state.data?.connections.some(({ job }) => job?.state === 'running') ? JOB_POLL_MS : false,
});

export const useConnections = () => useQuery(connectionsQuery);

const path = (site: string, rest = '') => sitePath(site, `/connection${rest}`);

function useConnectionCall<V>(site: string, call: (variables: V) => Promise<ConnectionInfo>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: call,
    onSuccess: (info) =>
      client.setQueryData<Connections>(keys.connections(), (known) => withConnection(known, site, () => info)),
  });
}

export const useDraft = (site: string) =>
  useConnectionCall(site, (body: ConnectionInput) => callApi<ConnectionInfo>(path(site), { method: 'PUT', body }));
export const useDiscard = (site: string) =>
  useConnectionCall(site, () => callApi<ConnectionInfo>(path(site), { method: 'DELETE' }));
export const useRedraft = (site: string) =>
  useConnectionCall(site, (id: string) =>
    callApi<ConnectionInfo>(path(site, '/redraft'), { method: 'POST', body: { id } }),
  );
/** Begins a job; it tells of itself. */
export const useJobStart = (site: string, kind: 'prepare' | 'move' | 'use') =>
  useConnectionCall(site, () => callApi<ConnectionInfo>(path(site, `/${kind}`), { method: 'POST' }));
export const useRemoval = (site: string) =>
  useConnectionCall(site, (body: { id: string; confirm: string }) =>
    callApi<ConnectionInfo>(path(site, '/remove'), { method: 'POST', body }),
  );
export const useConnectionTest = (site: string) =>
  useMutation({
    mutationFn: (target: 'draft' | 'inUse') =>
      callApi<ConnectionTest>(path(site, '/test'), { method: 'POST', body: { target } }),
  });

/** What the event stream tells of a job. One that ended has changed what the sites stand on. */
export function applyJob(client: QueryClient, job: Job): void {
  client.setQueryData<Connections>(keys.connections(), (known) =>
    withConnection(known, job.site, (info) => ({ ...info, job })),
  );
  if (job.state !== 'running') void client.invalidateQueries({ queryKey: keys.connections() });
}

function withConnection(
  known: Connections | undefined,
  site: string,
  change: (info: ConnectionInfo) => ConnectionInfo,
): Connections | undefined {
  return (
    known && { ...known, connections: known.connections.map((info) => (info.site === site ? change(info) : info)) }
  );
}
