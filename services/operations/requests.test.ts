import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RequestResultsSchema, RequestSchema } from '@/lib/api/schemas';
import { TABLES } from '@/lib/domain/naming';
import type { HubEvent } from '../contract';
import { EdgeAssetRow } from '../rows';
import { createMemoryMission, type MemoryMission } from '../testing/memory-mission';
import { cancelRequest, createRequests, listRequests } from './requests';

let mission: MemoryMission;
let events: HubEvent[];
beforeEach(async () => {
  mission = await createMemoryMission();
  events = [];
  mission.runtime.events.subscribe((event) => events.push(event));
});
afterEach(() => mission.stop());

const ask = (...assetIds: string[]) => createRequests(mission.runtime, 'alpha', assetIds);
const rowOf = async (id: string) => EdgeAssetRow.parse(await mission.alpha.ports.tables.get(TABLES.assets, id));
const namesOf = (id: string) =>
  events.filter(({ payload }) => JSON.stringify(payload).includes(`"${id}"`)).map(({ name }) => name);

describe('createRequests', () => {
  test('turns rows into requesting, tells the pages and wakes the requester', async () => {
    await mission.addEdgeAsset('a');
    await mission.addEdgeAsset('b', { status: 'failed', reason: 'it broke' });
    const { requests, refused } = RequestResultsSchema.parse(await ask('a', 'b', 'a'));
    expect(refused).toEqual([]);
    expect(requests.map(({ assetId, status }) => [assetId, status])).toEqual([
      ['a', 'requesting'],
      ['b', 'requesting'],
    ]);
    const row = await rowOf('b');
    expect(row).toMatchObject({ status: 'requesting', reason: null, requestId: requests[1]?.id });
    expect(row.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(row.timeline.at(-1)?.what).toBe('requesting');
    expect(namesOf('a')).toEqual(['asset', 'request']);
    expect(mission.alpha.wakes).toEqual(['requester: asked']);
  });

  test('asking again keeps the live request', async () => {
    await mission.addEdgeAsset('a');
    const first = await ask('a');
    const second = await ask('a');
    expect(second.requests[0]?.id).toBe(first.requests[0]?.id);
    expect(namesOf('a')).toEqual(['asset', 'request']);
  });

  test('an unknown asset is NOT_FOUND, and nothing is requested', async () => {
    await mission.addEdgeAsset('a');
    await expect(ask('a', 'nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await rowOf('a')).status).toBe('available');
    expect(mission.alpha.wakes).toEqual([]);
  });

  test('one that is here already is refused by itself; when all are, it is a conflict', async () => {
    await mission.addEdgeAsset('a');
    await mission.addEdgeAsset('here', { status: 'delivered' });
    const { requests, refused } = await ask('a', 'here');
    expect(requests.map(({ assetId }) => assetId)).toEqual(['a']);
    expect(refused).toMatchObject([{ assetId: 'here', code: 'CONFLICT' }]);
    await expect(ask('here')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('a row that a service changed meanwhile is read again', async () => {
    const row = await mission.addEdgeAsset('a');
    const { tables } = mission.alpha.ports;
    const update = tables.updateMany;
    let raced = false;
    tables.updateMany = async (table, updates) => {
      if (!raced) await tables.update(TABLES.assets, 'a', { $put: { rev: row.rev + 1, 'asset.title': 'Renamed' } });
      raced = true;
      return update(table, updates);
    };
    const { requests } = await ask('a');
    expect(requests[0]).toMatchObject({ status: 'requesting', title: 'Renamed' });
    expect(await rowOf('a')).toMatchObject({ rev: row.rev + 2, status: 'requesting' });
  });

  test('a row that keeps changing ends in a conflict, not in a loop', async () => {
    await mission.addEdgeAsset('a');
    mission.alpha.ports.tables.updateMany = async (_table, updates) => updates.map(() => 'unmatched');
    await expect(ask('a')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('HQ is not an edge', async () => {
    await expect(createRequests(mission.runtime, 'hq', ['a'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('cancelRequest', () => {
  test('withdraws, leaves the cancel message to the requester, and can be repeated', async () => {
    await mission.addEdgeAsset('a');
    const id = (await ask('a')).requests[0]!.id;
    const cancelled = RequestSchema.parse(await cancelRequest(mission.runtime, 'alpha', id));
    expect(cancelled).toMatchObject({ id, status: 'cancelled' });
    expect(await rowOf('a')).toMatchObject({ status: 'cancelled', cancelDue: true, pendingCancels: [id] });
    expect(mission.alpha.wakes.at(-1)).toBe('requester: cancelled');
    expect(await cancelRequest(mission.runtime, 'alpha', id)).toMatchObject({ status: 'cancelled' });
    expect((await rowOf('a')).pendingCancels).toEqual([id]);
  });

  test('a delivered one is a conflict, an unknown one NOT_FOUND', async () => {
    await mission.addEdgeAsset('a', { status: 'delivered', requestId: 'request-1' });
    await expect(cancelRequest(mission.runtime, 'alpha', 'request-1')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(cancelRequest(mission.runtime, 'alpha', 'request-2')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('listRequests', () => {
  test('at an edge lists what was asked, newest first, by status', async () => {
    await mission.addEdgeAsset('never');
    for (const id of ['a', 'b']) {
      await mission.addEdgeAsset(id);
      await mission.clock.advance(1000);
      await ask(id);
    }
    await cancelRequest(mission.runtime, 'alpha', (await rowOf('a')).requestId!);
    const all = await listRequests(mission.runtime, 'alpha', { limit: 10 });
    expect(all.requests.map(({ assetId }) => assetId)).toEqual(['b', 'a']);
    const cancelled = await listRequests(mission.runtime, 'alpha', { limit: 10, status: 'cancelled' });
    expect(cancelled.requests.map(({ assetId }) => assetId)).toEqual(['a']);
    expect((await listRequests(mission.runtime, 'alpha', { limit: 1 })).requests).toHaveLength(1);
    await expect(listRequests(mission.runtime, 'alpha', { limit: 1, status: 'nonsense' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
  });

  test('at HQ lists those of every edge', async () => {
    const at = new Date(mission.clock.now()).toISOString();
    const row = { rev: 0, reason: null, code: null, createdAt: at, updatedAt: at, timeline: [], assetId: 'a' };
    for (const edge of ['alpha', 'bravo'])
      await mission.hq.ports.tables.put(TABLES.requests, {
        ...row,
        _id: `request-${edge}`,
        edge,
        status: 'requested',
        title: 'Title',
        bytes: 5,
      });
    const { requests } = await listRequests(mission.runtime, 'hq', { limit: 10 });
    expect(requests.map(({ edge }) => edge).sort()).toEqual(['alpha', 'bravo']);
  });
});
