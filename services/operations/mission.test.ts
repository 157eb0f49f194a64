/** Sites, services, link, mirror, dead letters and snapshot on a mission in memory. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventSchemas, LinkSchema, MirrorSchema, SitesSchema } from '@/lib/api/schemas';
import { linkGroup, TOPICS, VOLUMES } from '@/lib/domain/naming';
import { writeDeadLetters } from '../dead-letters';
import { createMemoryMission, type MemoryMission } from '../testing/memory-mission';
import { listDeadLetters, resendDeadLetter } from './dead-letters';
import { getLink, updateLink } from './link';
import { getMirror, startMirror, stopMirror } from './mirror';
import { getService, listServices, setService } from './services';
import { listSites } from './sites';
import { takeSnapshot } from './snapshot';

let mission: MemoryMission;
beforeEach(async () => {
  mission = await createMemoryMission();
});
afterEach(() => mission.stop());

describe('services', () => {
  test('are listed by role in the order of the flow', () => {
    const ids = (site: string) => listServices(mission.runtime, site).services.map(({ id }) => id);
    expect(ids('hq')).toEqual(['feed-ingest', 'downloader', 'broadcaster', 'responder']);
    expect(ids('alpha')).toEqual(['listener', 'requester', 'viewer']);
  });

  test('take a desired state and a log level', async () => {
    const update = { desired: 'stopped', logLevel: 'debug' } as const;
    const service = await setService(mission.runtime, 'hq', 'downloader', update);
    expect(service).toMatchObject({ desired: 'stopped', logLevel: 'debug' });
    await expect.poll(() => getService(mission.runtime, 'hq', 'downloader').state).toBe('stopped');
  });

  test('of the other role are NOT_FOUND', async () => {
    const wrong = setService(mission.runtime, 'alpha', 'downloader', { desired: 'stopped' });
    await expect(wrong).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('keep their state when it can not be stored', async () => {
    mission.hq.faults.setReachable(false);
    const update = setService(mission.runtime, 'hq', 'downloader', { desired: 'stopped' });
    await expect(update).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(getService(mission.runtime, 'hq', 'downloader').desired).toBe('running');
  });
});

describe('listSites', () => {
  test('has counts of each hosted site', async () => {
    await mission.addEdgeAsset('a');
    const { sites, mission: name } = SitesSchema.parse(await listSites(mission.runtime));
    expect(name).toBe('missionx');
    expect(sites).toMatchObject([
      { id: 'hq', role: 'hq', hosted: true, fabric: { kind: 'embedded', state: 'ok' }, remote: null },
      { id: 'alpha', role: 'edge', hosted: true, counts: { available: 1 } },
    ]);
  });

  test('says which fabric is down, and counts what it can', async () => {
    mission.alpha.setHealth('unavailable', 'alpha answers nothing');
    const { sites } = await listSites(mission.runtime);
    expect(sites[1]).toMatchObject({ counts: null, fabric: { state: 'unavailable', reason: 'alpha answers nothing' } });
    expect(sites[0]?.counts).not.toBeNull();
  });

  test('knows an edge elsewhere by its topics, and by what its link reports', async () => {
    const { streams } = mission.hq.ports;
    await streams.ensureTopic(TOPICS.request('bravo'));
    const before = (await listSites(mission.runtime)).sites.find(({ id }) => id === 'bravo');
    expect(before).toMatchObject({ hosted: false, role: 'edge', remote: { lastSeenAt: null, lagRecords: null } });

    const asOf = '2026-01-02T03:00:00.000Z';
    streams.commits = async (group) =>
      group === linkGroup('bravo')
        ? [
            { ref: TOPICS.assetResponse, partition: 0, offset: '0', metadata: 'written by something else' },
            {
              ref: TOPICS.assetBroadcast,
              partition: 0,
              offset: '0',
              metadata: JSON.stringify({ asOf, pendingOut: 1 }),
            },
          ]
        : [];
    await streams.produce(TOPICS.assetBroadcast, [{ key: 'a', value: '{}' }]);
    const bravo = (await listSites(mission.runtime)).sites.find(({ id }) => id === 'bravo');
    expect(bravo).toMatchObject({
      fabric: { kind: null, state: 'unknown' },
      remote: { lastSeenAt: asOf, lagRecords: 1 },
    });

    mission.hq.setHealth('unavailable');
    expect((await listSites(mission.runtime)).sites.find(({ id }) => id === 'bravo')?.remote?.lastSeenAt).toBe(asOf);
  });

  test('at an edge alone HQ is known by the link', async () => {
    await mission.stop();
    mission = await createMemoryMission({ hosts: ['alpha'] });
    await expect
      .poll(async () => (await listSites(mission.runtime)).sites[1])
      .toMatchObject({ id: 'hq', hosted: false, fabric: { state: 'ok' } });
    const conditions = { cut: true, bytesPerSecond: null, latencyMs: 0 };
    await updateLink(mission.runtime, 'alpha', { conditions });
    expect((await listSites(mission.runtime)).sites[1]?.fabric.state).toBe('unavailable');
  });
});

describe('link', () => {
  test('is paused and resumed, both directions or one', async () => {
    const paused = LinkSchema.parse(await updateLink(mission.runtime, 'alpha', { mode: 'paused' }));
    expect([paused.inbound.state, paused.outbound.state]).toEqual(['paused', 'paused']);
    const half = await updateLink(mission.runtime, 'alpha', { mode: 'up', direction: 'inbound' });
    expect([half.inbound.state, half.outbound.state, half.state]).toEqual(['up', 'paused', 'paused']);
    expect((await updateLink(mission.runtime, 'alpha', { mode: 'up' })).state).toBe('up');
    expect(mission.alpha.wakes).toContain('requester: link resumed');
  });

  test('tells the pages', async () => {
    const id = mission.runtime.events.lastId;
    await updateLink(mission.runtime, 'alpha', { mode: 'paused' });
    expect(mission.runtime.events.since(id)).toMatchObject([{ name: 'link', payload: { site: 'alpha' } }]);
  });

  test('is brought anew while the listener is stopped, which goes on however that ends', async () => {
    const { ports, supervisor } = mission.runtime.sites.get('alpha')!;
    const listener = () => supervisor.get('listener')?.state;
    await expect.poll(listener).toBe('running');
    const during: unknown[] = [];
    const { bringAnew } = ports.links!;
    ports.links!.bringAnew = async () => {
      during.push(listener());
      await bringAnew();
    };
    const refused = updateLink(mission.runtime, 'alpha', { mode: 'up', anew: true });
    // Of this mission the link has not failed.
    await expect(refused).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(during).toEqual(['stopped']);
    await expect.poll(listener).toBe('running');
    ports.links!.bringAnew = async () => undefined;
    expect((await updateLink(mission.runtime, 'alpha', { mode: 'up', anew: true })).state).toBe('up');
    await expect.poll(listener).toBe('running');
  });

  test('takes conditions in a demonstration only', async () => {
    const conditions = { cut: true, bytesPerSecond: 1000, latencyMs: 50 };
    expect(await updateLink(mission.runtime, 'alpha', { conditions })).toMatchObject({ state: 'down', conditions });
    await mission.stop();
    mission = await createMemoryMission({ demo: false });
    const refused = updateLink(mission.runtime, 'alpha', { mode: 'paused', conditions });
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect((await getLink(mission.runtime, 'alpha')).state).toBe('up');
  });

  test('HQ has none', async () => {
    await expect(getLink(mission.runtime, 'hq')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('mirror', () => {
  const refreshed = () => getMirror(mission.runtime, 'alpha', { refresh: true });

  test('shows what waits by title, brings it, and stops', async () => {
    await mission.hq.ports.volumes.put(VOLUMES.outbound('alpha'), 'a/a.jpg', Buffer.from('content of a'));
    await mission.addEdgeAsset('a', { status: 'ready' });
    const before = MirrorSchema.parse(await refreshed());
    expect(before).toMatchObject({ filesTotal: 1, bytesTotal: 12 });
    expect(before.pending).toMatchObject([{ assetId: 'a', title: 'Title of a' }]);
    expect((await startMirror(mission.runtime, 'alpha')).state).toBe('running');
    expect(mission.alpha.wakes).toEqual(['viewer: mirror started']);
    await expect(startMirror(mission.runtime, 'alpha')).rejects.toMatchObject({ code: 'MIRROR_RUNNING' });
    await expect.poll(async () => (await refreshed()).state).toBe('idle');
    expect(await refreshed()).toMatchObject({ pending: [], etaSeconds: 0 });
    expect((await stopMirror(mission.runtime, 'alpha')).state).toBe('idle');
  });

  test('while the link is cut a start fails visibly', async () => {
    await updateLink(mission.runtime, 'alpha', { conditions: { cut: true, bytesPerSecond: null, latencyMs: 0 } });
    await startMirror(mission.runtime, 'alpha');
    await expect
      .poll(() => getMirror(mission.runtime, 'alpha', { refresh: false }))
      .toMatchObject({ state: 'failed', lastError: expect.stringMatching(/./) });
  });
});

describe('dead letters', () => {
  test('are listed, sent again once, and gone from the list', async () => {
    const { streams } = mission.hq.ports;
    await streams.produce(TOPICS.assetFeed, [{ key: 'a', value: 'rubbish' }]);
    const [record] = await streams.tail(TOPICS.assetFeed, 1);
    await writeDeadLetters(streams, 'downloader', mission.clock, [{ record: record!, error: new Error('no JSON') }]);
    const { deadLetters } = await listDeadLetters(mission.runtime, 'hq', 10);
    expect(deadLetters).toMatchObject([{ service: 'downloader', reason: 'no JSON', value: 'rubbish', key: 'a' }]);
    const { id } = deadLetters[0]!;
    expect(await resendDeadLetter(mission.runtime, 'hq', id)).toMatchObject({ id });
    expect(await streams.tail(TOPICS.retry('downloader'), 1)).toMatchObject([{ key: 'a', value: 'rubbish' }]);
    expect((await listDeadLetters(mission.runtime, 'hq', 10)).deadLetters).toEqual([]);
    await expect(resendDeadLetter(mission.runtime, 'hq', id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('takeSnapshot', () => {
  test('has everything the pages show', async () => {
    await mission.addEdgeAsset('a');
    await mission.addHqAsset('a');
    const snapshot = EventSchemas.snapshot.parse(await takeSnapshot(mission.runtime));
    expect(snapshot.services).toHaveLength(7);
    expect(Object.keys(snapshot.links)).toEqual(['alpha']);
    expect(Object.keys(snapshot.mirrors)).toEqual(['alpha']);
    expect(snapshot.recent.hq?.[0]).toMatchObject({ id: 'a', status: 'broadcast' });
    expect(snapshot.recent.alpha?.[0]).toMatchObject({ id: 'a', status: 'available' });
  });

  test('of one site has no other', async () => {
    const snapshot = await takeSnapshot(mission.runtime, 'hq');
    expect(new Set(snapshot.services.map(({ site }) => site))).toEqual(new Set(['hq']));
    expect([Object.keys(snapshot.links), Object.keys(snapshot.recent)]).toEqual([[], ['hq']]);
  });

  test('leaves out what a fabric that is down does not tell', async () => {
    mission.alpha.faults.setReachable(false);
    const snapshot = await takeSnapshot(mission.runtime);
    expect([snapshot.links, snapshot.mirrors]).toEqual([{}, {}]);
    expect(Object.keys(snapshot.recent)).toEqual(['hq']);
    expect(snapshot.services).toHaveLength(7);
  });

  test('asked for twice at once reads once', async () => {
    const { tables } = mission.hq.ports;
    const find = tables.find;
    let reads = 0;
    tables.find = (...parameters) => {
      reads += 1;
      return find(...parameters);
    };
    const [first, second] = await Promise.all([takeSnapshot(mission.runtime), takeSnapshot(mission.runtime)]);
    expect(first).toBe(second);
    expect(reads).toBe(1);
    await takeSnapshot(mission.runtime);
    expect(reads).toBe(2);
  });
});
