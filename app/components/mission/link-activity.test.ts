import { expect, it } from 'vitest';
import { aDirection, aLink, aMirror, NOW_MS } from '@/lib/queries/testing/fixtures';
import { linkActivity } from './link-activity';

const sample = (secondsAgo: number) => ({
  atMs: NOW_MS - secondsAgo * 1000,
  inboundTotal: 0,
  outboundTotal: 0,
  inboundBytesPerSecond: 500,
  outboundBytesPerSecond: 0,
  mirrorBytesPerSecond: 0,
});
const moving = (...readings: Parameters<typeof linkActivity>) => {
  const { inbound, outbound, files } = linkActivity(...readings);
  return [inbound.moving, outbound.moving, files.moving];
};

it('shows motion only where data moves', () => {
  expect(moving(aLink(), undefined, [sample(1)], NOW_MS)).toEqual([true, false, false]);
});
it('shows no motion from an old reading, or without one', () => {
  expect(moving(aLink(), undefined, [sample(60)], NOW_MS)).toEqual([false, false, false]);
  expect(moving(aLink(), undefined, [], NOW_MS)).toEqual([false, false, false]);
});
it('shows no motion on a direction that is not up', () => {
  const link = aLink({ state: 'paused', inbound: aDirection({ state: 'paused' }) });
  expect(moving(link, undefined, [sample(1)], NOW_MS)).toEqual([false, false, false]);
});
it('shows files on their way only while a run brings bytes', () => {
  expect(moving(aLink(), aMirror({ state: 'running', bytesPerSecond: 9 }), [], NOW_MS)[2]).toBe(true);
  expect(moving(aLink(), aMirror({ state: 'running', bytesPerSecond: 0 }), [], NOW_MS)[2]).toBe(false);
  expect(moving(aLink(), aMirror({ state: 'idle', bytesPerSecond: 9 }), [], NOW_MS)[2]).toBe(false);
});
