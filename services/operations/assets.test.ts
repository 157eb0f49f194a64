import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AssetDetailSchema, AssetPageSchema, AssetQuerySchema } from '@/lib/api/schemas';
import { TABLES } from '@/lib/domain/naming';
import { toDocument } from '../rows';
import { createMemoryMission, type MemoryMission } from '../testing/memory-mission';
import { getAsset, listAssets } from './assets';

let mission: MemoryMission;
beforeEach(async () => {
  mission = await createMemoryMission();
});
afterEach(() => mission.stop());

const list = (site: string, query: Record<string, unknown> = {}) =>
  listAssets(mission.runtime, site, AssetQuerySchema.parse(query));
const ids = async (query: Record<string, unknown>) => (await list('alpha', query)).assets.map(({ id }) => id);
const search = (title: string) => title.toLowerCase();

describe('listAssets', () => {
  test('gives newest first, with total and counts of every status', async () => {
    await mission.addEdgeAsset('a');
    await mission.clock.advance(1000);
    await mission.addEdgeAsset('b', { status: 'delivered' });
    const page = AssetPageSchema.parse(await list('alpha'));
    expect(page.assets.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(page).toMatchObject({ total: 2, nextCursor: null, counts: { available: 1, delivered: 1, failed: 0 } });
  });

  test('filters by one status and by several; total follows the filter, counts do not', async () => {
    await mission.addEdgeAsset('a');
    await mission.addEdgeAsset('b', { status: 'delivered' });
    await mission.addEdgeAsset('c', { status: 'failed', reason: 'HQ has lost it' });
    expect(await ids({ status: 'failed' })).toEqual(['c']);
    const page = await list('alpha', { status: 'failed,delivered', sort: 'title' });
    expect(page.assets.map(({ id }) => id)).toEqual(['b', 'c']);
    expect(page.total).toBe(2);
    expect(page.counts.available).toBe(1);
    await expect(list('alpha', { status: 'broadcast' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  test('searches words in any order and case, wildcards taken as they are', async () => {
    await mission.addEdgeAsset('a', { search: search('Nile Delta at Dawn') });
    await mission.addEdgeAsset('b', { search: search('Delta of the Niger') });
    await mission.addEdgeAsset('c', { search: search('100% cloud_free \\ clear') });
    expect(await ids({ q: 'delta', sort: 'title' })).toEqual(['b', 'a']);
    expect(await ids({ q: 'DAWN nile' })).toEqual(['a']);
    expect(await ids({ q: '%' })).toEqual(['c']);
    expect(await ids({ q: 'cloud_free' })).toEqual(['c']);
    expect(await ids({ q: 'cloudXfree' })).toEqual([]);
    expect(await ids({ q: '\\' })).toEqual(['c']);
    expect(await ids({ q: '   ' })).toHaveLength(3);
    expect((await list('alpha', { q: 'delta' })).total).toBe(2);
  });

  const orders = ['newest', 'oldest', 'title', 'bytes', '-bytes', 'status'] as const;
  test.each(orders)('pages by %s visit every row once, rows without a file and equal rows too', async (sort) => {
    const all: string[] = [];
    for (let n = 0; n < 25; n += 1) {
      const id = `a${String(n).padStart(2, '0')}`;
      all.push(id);
      const row = await mission.addEdgeAsset(id, { status: n % 3 === 0 ? 'failed' : 'available' });
      const file = n % 4 === 0 ? null : { ...row.file!, bytes: 100 * (n % 5) };
      await mission.alpha.ports.tables.put(TABLES.assets, toDocument({ ...row, file } as typeof row));
      if (n % 2 === 0) await mission.clock.advance(1);
    }
    const whole = (await list('alpha', { sort })).assets.map(({ id }) => id);
    expect([...whole].sort()).toEqual(all);
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await list('alpha', { sort, limit: 4, ...(cursor ? { cursor } : {}) });
      paged.push(...page.assets.map(({ id }) => id));
      expect(page.total).toBe(25);
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(whole);
  });

  test('bytes and -bytes are each other backwards', async () => {
    for (const [id, bytes] of [
      ['a', 5],
      ['b', 1],
      ['c', 3],
    ] as const) {
      const row = await mission.addEdgeAsset(id);
      await mission.alpha.ports.tables.put(
        TABLES.assets,
        toDocument({ ...row, file: { ...row.file!, bytes } } as typeof row),
      );
    }
    expect(await ids({ sort: 'bytes' })).toEqual(['b', 'c', 'a']);
    expect(await ids({ sort: '-bytes' })).toEqual(['a', 'c', 'b']);
  });

  test('a new row between two pages moves none of the rows that follow', async () => {
    for (const id of ['a', 'b', 'c']) {
      await mission.addEdgeAsset(id);
      await mission.clock.advance(1);
    }
    const first = await list('alpha', { limit: 2 });
    expect(first.assets.map(({ id }) => id)).toEqual(['c', 'b']);
    await mission.addEdgeAsset('new');
    expect(await ids({ limit: 2, cursor: first.nextCursor })).toEqual(['a']);
  });

  test.each([
    'rubbish',
    Buffer.from('{"sort":"title","key":"x","id":"y"}').toString('base64url'),
    Buffer.from('[]').toString('base64url'),
  ])('a cursor that this list did not give is refused: %s', async (cursor) => {
    await expect(list('alpha', { cursor })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  test('an unknown site is NOT_FOUND, a fabric that is down UNAVAILABLE', async () => {
    await expect(list('bravo')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    mission.alpha.faults.setReachable(false);
    await expect(list('alpha')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('getAsset', () => {
  test('at HQ says what each edge wants of it', async () => {
    const row = await mission.addHqAsset('a');
    const at = row.createdAt;
    await mission.hq.ports.tables.put(TABLES.requests, {
      _id: 'request-1',
      rev: 0,
      reason: null,
      code: null,
      createdAt: at,
      updatedAt: at,
      timeline: [{ at, what: 'staged', by: 'responder' }],
      status: 'staged',
      edge: 'alpha',
      assetId: 'a',
      title: null,
      bytes: null,
    });
    const asset = AssetDetailSchema.parse(await getAsset(mission.runtime, 'hq', 'a'));
    expect(asset.edges).toMatchObject([{ edge: 'alpha', requestId: 'request-1', status: 'staged' }]);
    expect(asset.timeline).toContainEqual(expect.objectContaining({ what: 'staged', edge: 'alpha' }));
  });

  test('an unknown asset is NOT_FOUND', async () => {
    await expect(getAsset(mission.runtime, 'alpha', 'nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
