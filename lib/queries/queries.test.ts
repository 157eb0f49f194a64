import { afterEach, describe, expect, it, vi } from 'vitest';
import { flattenCatalogue, RECENT_ASSETS_MAX, withRecent } from './catalogue';
import { callApi } from './http';
import { LOG_LINES_MAX, withLogLines } from './logs';
import { aDirection, aLink, aMirror, anAsset, aPage, at } from './testing/fixtures';
import { THROUGHPUT_SAMPLES_MAX, type ThroughputSample, withSample } from './throughput';

describe('the catalogue', () => {
  it('holds an asset once, in its latest reading, whatever page it came with', () => {
    const data = {
      pages: [
        aPage([anAsset('a'), anAsset('b')]),
        aPage([anAsset('a', { status: 'ready', updatedAt: at(1) }), anAsset('c')]),
      ],
      pageParams: [null, '2'],
    };
    expect(flattenCatalogue(data).map((asset) => [asset.id, asset.status])).toEqual([
      ['a', 'ready'],
      ['b', 'available'],
      ['c', 'available'],
    ]);
  });

  it('is not undone by a page that was read before a change', () => {
    const data = { pages: [aPage([anAsset('a', { status: 'requested' })])], pageParams: [null] };
    const recent = [anAsset('a', { status: 'ready', updatedAt: at(1) }), anAsset('unknown-here')];
    expect(flattenCatalogue(data, recent).map((asset) => [asset.id, asset.status])).toEqual([['a', 'ready']]);
  });

  it('keeps the recent changes bounded, newest first, each asset once', () => {
    const many = new Map(Array.from({ length: RECENT_ASSETS_MAX + 5 }, (_, n) => [`a${n}`, anAsset(`a${n}`)]));
    const recent = withRecent([anAsset('a1')], many);
    expect(recent).toHaveLength(RECENT_ASSETS_MAX);
    expect(recent[0]?.id).toBe(`a${RECENT_ASSETS_MAX + 4}`);
    expect(new Set(recent.map((asset) => asset.id)).size).toBe(recent.length);
  });
});

describe('throughput', () => {
  const link = (seconds: number, inbound: number) =>
    aLink({ asOf: at(seconds), inbound: aDirection({ bytesTotal: inbound }) });

  it('is the difference of totals over the time between them', () => {
    const one = withSample(undefined, link(0, 1000), undefined);
    const two = withSample(one, link(2, 5000), aMirror({ state: 'running', bytesPerSecond: 70 }));
    expect(two.map((s) => s.inboundBytesPerSecond)).toEqual([0, 2000]);
    expect(two.at(-1)?.mirrorBytesPerSecond).toBe(70);
  });

  it('is nothing when a total fell, since the fabric was restarted', () => {
    const samples = withSample(withSample(undefined, link(0, 9000), undefined), link(2, 10), undefined);
    expect(samples.at(-1)?.inboundBytesPerSecond).toBe(0);
  });

  it('takes no reading that is too near, and keeps a bounded window', () => {
    const one = withSample(undefined, link(0, 0), undefined);
    expect(withSample(one, link(0.1, 100), undefined)).toBe(one);
    let samples: ThroughputSample[] = [];
    for (let n = 0; n < THROUGHPUT_SAMPLES_MAX + 20; n += 1) samples = withSample(samples, link(n * 2, n), undefined);
    expect(samples).toHaveLength(THROUGHPUT_SAMPLES_MAX);
  });
});

it('keeps a bounded log whose numbers go on', () => {
  const line = { at: at(0), site: 'hq', service: 's', level: 'info' as const, message: 'm' };
  const lines = withLogLines(
    undefined,
    Array.from({ length: LOG_LINES_MAX + 2 }, () => line),
  );
  expect(lines).toHaveLength(LOG_LINES_MAX);
  expect(withLogLines(lines, [line]).at(-1)?.number).toBe(LOG_LINES_MAX + 3);
});

describe('a call of the API', () => {
  afterEach(() => vi.unstubAllGlobals());
  const answer = (status: number, body: unknown) =>
    vi.stubGlobal('fetch', async () => new Response(body === null ? null : JSON.stringify(body), { status }));

  it('fails with the code, the sentence and the remedy of the problem', async () => {
    answer(409, { status: 409, code: 'MIRROR_RUNNING', detail: 'A run is under way', remedy: 'Wait for it' });
    await expect(callApi('/x')).rejects.toMatchObject({
      code: 'MIRROR_RUNNING',
      message: 'A run is under way',
      remedy: 'Wait for it',
    });
  });

  it('names the fields that are wrong', async () => {
    answer(400, {
      status: 400,
      code: 'REQUEST_INVALID',
      detail: 'Not valid',
      errors: [{ path: 'assetIds', message: 'too few' }],
    });
    await expect(callApi('/x')).rejects.toThrow('Not valid – assetIds: too few');
  });

  it('understands an answer that is no problem document', async () => {
    vi.stubGlobal('fetch', async () => new Response('<html>', { status: 404 }));
    await expect(callApi('/x')).rejects.toMatchObject({ code: 'NOT_FOUND', details: { status: 404 } });
  });

  it('says that the server can not be reached', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('fetch failed');
    });
    await expect(callApi('/x')).rejects.toMatchObject({ code: 'UNAVAILABLE', retriable: true });
  });

  it('returns nothing for an answer without a body', async () => {
    answer(204, null);
    await expect(callApi('/x')).resolves.toBeUndefined();
  });
});
