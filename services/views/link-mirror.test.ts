import { expect, test } from 'vitest';
import { LinkSchema, MirrorSchema } from '@/lib/api/schemas';
import type { LinkState, LinkStatus, MirrorStatus } from '@/lib/ports';
import { toLink } from './link';
import { assetIdOfPath, toMirror } from './mirror';

const direction = (state: LinkState) => ({
  state,
  lagRecords: 3,
  lagBytes: 300,
  lagMs: null,
  recordsTotal: 10,
  bytesTotal: 1000,
  lastError: null,
  lastErrorAt: 5000,
});
const link = (inbound: LinkState, outbound: LinkState): LinkStatus => ({
  inbound: direction(inbound),
  outbound: direction(outbound),
  upstream: 'hq.example:9092',
  lastSeenAt: null,
  estimatedBytesPerSecond: 1000,
  provenBytesPerSecond: null,
  conditions: { cut: false, bytesPerSecond: null, latencyMs: 0 },
  asOf: 6000,
});

test.each([
  ['up', 'up', 'up'],
  ['up', 'paused', 'paused'],
  ['connecting', 'paused', 'connecting'],
  ['down', 'up', 'down'],
  ['down', 'failed', 'failed'],
] as const)('%s in and %s out is %s in one word', (inbound, outbound, word) => {
  const view = LinkSchema.parse(toLink(link(inbound, outbound)));
  expect(view.state).toBe(word);
  expect(view.inbound.lastErrorAt).toBe('1970-01-01T00:00:05.000Z');
});

const mirror = (change: Partial<MirrorStatus>): MirrorStatus => ({
  state: 'running',
  source: 'outbound-alpha@hq',
  filesTotal: 2,
  bytesTotal: 1000,
  filesDone: 0,
  bytesDone: 400,
  pending: [{ path: 'a1/photo.jpg', bytes: 600, bytesDone: 0 }],
  bytesPerSecond: 100,
  startedAt: 1000,
  lastSuccessAt: null,
  lastError: null,
  asOf: 2000,
  ...change,
});

test('pending files carry the asset and its title', () => {
  const view = MirrorSchema.parse(toMirror(mirror({}), { titles: new Map([['a1', 'Nile Delta']]) }));
  expect(view.pending[0]).toEqual({
    path: 'a1/photo.jpg',
    assetId: 'a1',
    title: 'Nile Delta',
    bytes: 600,
    bytesDone: 0,
  });
  expect(toMirror(mirror({})).pending[0]?.title).toBeNull();
  expect(assetIdOfPath('stray.txt')).toBeNull();
});

test('the estimate uses the rate of the run, else of the link, and is null when unknown', () => {
  expect(toMirror(mirror({})).etaSeconds).toBe(6);
  expect(toMirror(mirror({ bytesPerSecond: 0 }), { linkBytesPerSecond: 50 }).etaSeconds).toBe(12);
  expect(toMirror(mirror({ bytesPerSecond: 0 })).etaSeconds).toBeNull();
  expect(toMirror(mirror({ bytesTotal: null })).etaSeconds).toBeNull();
  expect(toMirror(mirror({ bytesDone: 1000, bytesPerSecond: 0 })).etaSeconds).toBe(0);
});
