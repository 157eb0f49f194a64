/** The first wait after a failure; short, since most failures are a fabric that is just coming up. */
export const BACKOFF_MS_MIN = 500;
/** The longest wait: an operator who mended something should see it move within half a minute. */
export const BACKOFF_MS_MAX = 30_000;

/** Milliseconds to wait after the n-th failure in a row (n from 1): doubles from BACKOFF_MS_MIN to BACKOFF_MS_MAX. */
export function backoffMs(failuresInARow: number, minMs = BACKOFF_MS_MIN, maxMs = BACKOFF_MS_MAX): number {
  // Beyond 2^20 the result is the maximum anyway; the bound keeps the power finite.
  return Math.min(maxMs, minMs * 2 ** Math.min(20, Math.max(0, failuresInARow - 1)));
}
