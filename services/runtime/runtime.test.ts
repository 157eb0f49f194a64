import { afterEach, describe, expect, it } from 'vitest';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import type { SiteRuntime } from '../contract';
import { createMissionFabrics, type MissionProcess } from '../testing/memory-runtime';
import { entry, sampleFeed, sampleItem } from '../testing/samples';

let processes: MissionProcess[] = [];
afterEach(async () => {
  await Promise.all(processes.map((process) => process.runtime.stop()));
  processes = [];
});
const items = [entry(sampleItem('one')), entry(sampleItem('two'))];
const feed = () => sampleFeed('test', () => items);
function run(...args: Parameters<ReturnType<typeof createMissionFabrics>['run']>) {
  const process = createMissionFabrics().run(...args);
  processes.push(process);
  const site = (id: string) => process.runtime.sites.get(id) as SiteRuntime;
  const states = (id: string) =>
    site(id)
      .supervisor.list()
      .map((service) => service.state);
  return { process, site, states };
}

describe('the runtime', () => {
  it('provisions the fabrics and runs every service', async () => {
    const { process, site, states } = run({ feeds: [] });
    expect(process.runtime.health()).toEqual({
      ready: false,
      reasons: ['The fabric of hq has not answered yet', 'The fabric of alpha has not answered yet'],
    });
    await expect.poll(() => states('hq')).toEqual(['running', 'running', 'running', 'running']);
    await expect.poll(() => states('alpha')).toEqual(['running', 'running', 'running']);
    expect(process.runtime.health()).toEqual({ ready: true, reasons: [] });
    expect(site('alpha').fabricHealth()).toMatchObject({ state: 'ok', reason: null });
    await expect
      .poll(() => site('alpha').ports.volumes.mirrorStatus(VOLUMES.inbound, { refresh: true }))
      .toMatchObject({ source: 'outbound-alpha@hq', filesTotal: 0 });
  });

  it('waits for a fabric that is not there, says so, and goes on by itself when it comes', async () => {
    const { process, site, states } = run({
      feeds: [feed()],
      before: (faults) => faults.get('hq')!.setReachable(false, 'connection refused at 127.0.0.1:18443'),
    });
    await expect.poll(() => states('hq')).toEqual(['faulted', 'faulted', 'faulted', 'faulted']);
    await expect.poll(() => states('alpha')).toEqual(['running', 'running', 'running']);
    expect(site('hq').supervisor.get('downloader')?.health.reason).toContain('connection refused');
    expect(process.runtime.health()).toEqual({
      ready: false,
      reasons: ['The fabric of hq is unavailable: connection refused at 127.0.0.1:18443'],
    });

    process.faults.get('hq')!.setReachable(true);
    await expect.poll(() => states('hq'), { timeout: 10_000 }).toEqual(['running', 'running', 'running', 'running']);
    await expect.poll(() => site('alpha').ports.tables.count(TABLES.assets), { timeout: 10_000 }).toBe(2);
    expect(process.runtime.health().ready).toBe(true);
  });

  it('notices a fabric that goes away and comes back', async () => {
    const { process, site, states } = run({ feeds: [] });
    await expect.poll(() => states('alpha')).toEqual(['running', 'running', 'running']);
    const seen: string[] = [];
    process.runtime.events.subscribe((event) => {
      if (event.name === 'site' && 'fabric' in event.payload && event.payload.id === 'alpha')
        seen.push(event.payload.fabric.state);
    });
    process.faults.get('alpha')!.setReachable(false, 'gone');
    await expect.poll(() => site('alpha').fabricHealth(), { timeout: 10_000 }).toMatchObject({ state: 'unavailable' });
    process.faults.get('alpha')!.setReachable(true);
    await expect.poll(() => site('alpha').fabricHealth().state, { timeout: 10_000 }).toBe('ok');
    await expect.poll(() => seen).toEqual(['unavailable', 'ok']);
  });

  it('publishes link and mirror, and counts when assets change', async () => {
    const fabrics = createMissionFabrics();
    const process = fabrics.run({ feeds: [feed()] });
    processes.push(process);
    const names = new Set<string>();
    let counts: Record<string, number> | null = null;
    process.runtime.events.subscribe((event) => {
      names.add(event.name);
      if (event.name === 'site' && 'counts' in event.payload && event.payload.id === 'alpha')
        counts = event.payload.counts;
    });
    await expect.poll(() => counts, { timeout: 10_000 }).toMatchObject({ available: 2 });
    await expect
      .poll(() => [...names].sort(), { timeout: 10_000 })
      .toEqual(expect.arrayContaining(['asset', 'link', 'mirror', 'service', 'site']));
  });
});
