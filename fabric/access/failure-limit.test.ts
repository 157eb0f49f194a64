import { expect, it } from 'vitest';
import { FailureLimit } from './failure-limit';

const MINUTE_MS = 60_000;
function limitAt() {
  let now = 0;
  const limit = new FailureLimit({ now: () => now, sleep: () => Promise.resolve() });
  return { limit, later: (ms: number) => (now += ms) };
}
const times = (count: number, work: (n: number) => void) => Array.from({ length: count }, (_, n) => work(n));

it('looks at nothing more after ten guesses, until the minute is over, or one is right', () => {
  const { limit, later } = limitAt();
  times(9, (n) => limit.failed('a alpha', `guess ${n}`));
  expect(limit.blocked('a alpha')).toBe(false);
  limit.failed('a alpha', 'guess 9');
  expect([limit.blocked('a alpha'), limit.blocked('b alpha')]).toEqual([true, false]);
  later(MINUTE_MS);
  expect(limit.blocked('a alpha')).toBe(false);
  times(10, () => limit.failed('a alpha'));
  expect(limit.blocked('a alpha')).toBe(true);
  limit.succeeded('a alpha');
  expect(limit.blocked('a alpha')).toBe(false);
});

it('takes the same wrong credential again and again for no guess', () => {
  const { limit } = limitAt();
  times(50, () => limit.failed('a alpha', 'the former one'));
  expect(limit.blocked('a alpha')).toBe(false);
  // Two in turn are guesses as any others.
  times(10, (n) => limit.failed('a alpha', `guess ${n % 2}`));
  expect(limit.blocked('a alpha')).toBe(true);
});
