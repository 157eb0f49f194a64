import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DeadLetterInfo } from '@/lib/api/schemas';
import { callApi } from './http';
import { keys, sitePath } from './keys';

export interface DeadLetterList {
  deadLetters: DeadLetterInfo[];
}
const DEAD_LETTERS_POLL_MS = 15_000;

export const deadLettersQuery = (site: string) =>
  queryOptions({
    queryKey: keys.deadLetters(site),
    queryFn: ({ signal }) => callApi<DeadLetterList>(sitePath(site, '/dead-letters'), { signal }),
    refetchInterval: DEAD_LETTERS_POLL_MS,
  });

export const useDeadLetters = (site: string, enabled = true) => useQuery({ ...deadLettersQuery(site), enabled });

/** Sends a message that could not be processed once more to where it came from. */
export function useResend(site: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      callApi<unknown>(sitePath(site, `/dead-letters/${encodeURIComponent(id)}/resend`), { method: 'POST' }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.deadLetters(site) }),
  });
}
