import { expect, it } from 'vitest';
import { backoffMs } from './backoff';

it('doubles from the least to the most, however often it fails', () => {
  const limits = { minMs: 250, maxMs: 5000 };
  expect([1, 2, 3, 4, 5, 6, 7, 1_000_000].map((failures) => backoffMs(failures, limits))).toEqual([
    250, 500, 1000, 2000, 4000, 5000, 5000, 5000,
  ]);
});

it('takes a random share off, and no more', () => {
  const limits = { minMs: 1000, maxMs: 1000, jitterShare: 0.2 };
  expect([0, 0.5, 1].map((random) => backoffMs(1, limits, () => random))).toEqual([1000, 900, 800]);
});
