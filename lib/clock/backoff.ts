export interface BackoffLimits {
  /** After the first failure. */
  minMs: number;
  maxMs: number;
  /** Share of the wait that is random, so that many do not come back in step. Default 0. */
  jitterShare?: number;
}

/** Milliseconds to wait after the n-th failure in a row (n from 1): doubles from the least to the most, less the random share. */
export function backoffMs(
  failuresInARow: number,
  { minMs, maxMs, jitterShare = 0 }: BackoffLimits,
  random: () => number = Math.random,
): number {
  // Beyond 2^20 the result is the maximum anyway; the bound keeps the power finite.
  const full = Math.min(maxMs, minMs * 2 ** Math.min(20, Math.max(0, failuresInARow - 1)));
  return Math.round(full * (1 - jitterShare * random()));
}
