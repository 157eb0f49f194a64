import { QueryClient } from '@tanstack/react-query';
import { FieldlineError } from '@/lib/errors';

/** The event stream keeps readings fresh; this only bounds how old one may be when a page mounts. */
const STALE_AFTER_MS = 30_000;
const RETRIES_MAX = 2;

const mayRetry = (failures: number, error: Error) =>
  failures < RETRIES_MAX && error instanceof FieldlineError && error.retriable;

/**
 * `networkMode: 'always'`: the browser talks to its own site's server, often on loopback; whether the WAN is up is data,
 * not the browser's opinion.
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { networkMode: 'always', staleTime: STALE_AFTER_MS, retry: mayRetry, refetchOnWindowFocus: false },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
