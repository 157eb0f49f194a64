import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { EdgeAccessInfo, EdgeEnrolment, Invitation } from '@/lib/api/schemas';
import { callApi } from './http';
import { keys, sitePath } from './keys';

/** The fabric tells nobody of a sign-in by itself. */
const EDGES_POLL_MS = 5_000;

const edgesQuery = (site: string) =>
  queryOptions({
    queryKey: keys.edges(site),
    queryFn: ({ signal }) => callApi<EdgeAccessInfo>(sitePath(site, '/edges'), { signal }),
    refetchInterval: EDGES_POLL_MS,
  });

/** Who may come in at HQ's doors. */
export const useEdges = (site: string) => useQuery(edgesQuery(site));

/** The token is in the mutation's result only: no cache keeps it. */
export function useInvite(site: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (edge: string) =>
      callApi<Invitation>(sitePath(site, `/edges/${encodeURIComponent(edge)}/invitation`), { method: 'POST' }),
    gcTime: 0,
    onSettled: () => client.invalidateQueries({ queryKey: keys.edges(site) }),
  });
}

export function useRevoke(site: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (edge: string) =>
      callApi<EdgeAccessInfo>(sitePath(site, `/edges/${encodeURIComponent(edge)}`), { method: 'DELETE' }),
    onSuccess: (state) => client.setQueryData(keys.edges(site), state),
    onSettled: () => client.invalidateQueries({ queryKey: keys.edges(site) }),
  });
}

/** How this edge, hosted here, is enrolled at HQ. */
export const useEnrolment = (edge: string) =>
  useQuery({
    queryKey: keys.enrolment(edge),
    queryFn: ({ signal }) => callApi<EdgeEnrolment>(sitePath(edge, '/enrolment'), { signal }),
  });

/** Gives a token to this edge. The token is in the variables of the mutation only, and goes with them. */
export function useEnrol(edge: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) =>
      callApi<EdgeEnrolment>(sitePath(edge, '/enrolment'), { method: 'POST', body: { token } }),
    gcTime: 0,
    onSuccess: (enrolment) => client.setQueryData(keys.enrolment(edge), enrolment),
    onSettled: () => client.invalidateQueries({ queryKey: keys.link(edge) }),
  });
}
