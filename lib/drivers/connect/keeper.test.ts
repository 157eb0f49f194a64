import { expect, it } from 'vitest';
import type { Clock } from '@/lib/clock/clock';
import { Keeper } from './keeper';

/** Time passes by sleeping; at `until` ms the keeper is stopped. */
function watched(until: number, state: (now: number) => boolean | null) {
  let now = 0;
  const restarts: number[] = [];
  const created: number[] = [];
  const clock: Clock = {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
      if (now >= until) void keeper.stop();
    },
  };
  const keeper = new Keeper(
    [
      {
        hasFailed: async () => state(now),
        restart: async () => void restarts.push(now),
        create: async () => void created.push(now),
      },
    ],
    clock,
  );
  const done = async () => {
    keeper.start();
    while (now < until) await new Promise((resolve) => setImmediate(resolve));
    await keeper.stop();
    return { restarts, created };
  };
  return { keeper, done };
}

it('leaves alone what works', async () => {
  expect(await watched(60_000, () => false).done()).toEqual({ restarts: [], created: [] });
});

it('restarts what fails, later and later, and soon again once it has worked', async () => {
  const { restarts } = await watched(3_600_000, () => true).done();
  const pauses = restarts.slice(1).map((at, index) => at - restarts[index]!);
  expect(pauses.slice(0, 4)).toEqual([6_000, 9_000, 18_000, 33_000]);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(303_000);
  expect(restarts.length).toBeGreaterThan(12);

  const mended = await watched(600_000, (now) => now < 60_000 || now > 500_000).done();
  const again = mended.restarts.filter((at) => at > 500_000);
  expect(again[1]! - again[0]!).toBeLessThan(10_000);
});

it('makes again what is not there, and goes on when nobody answers', async () => {
  const { created } = await watched(60_000, (now) => {
    if (now < 30_000) throw new Error('refused');
    return now < 36_000 ? null : false;
  }).done();
  expect(created).toEqual([30_000, 33_000]);
});
