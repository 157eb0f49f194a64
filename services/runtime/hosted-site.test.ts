import { expect, it } from 'vitest';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { parseConfig, type SiteConfig } from '@/lib/config';
import { defaultSites } from '@/lib/config/defaults';
import { TABLES } from '@/lib/domain/naming';
import { servicesOf } from '@/lib/domain/services';
import { type Faults, MemorySite } from '@/lib/drivers/memory';
import { quietTracer } from '@/lib/tracing';
import { createEventHub } from '../events/hub';
import { quietSink } from '../testing/quiet-sink';
import { createHostedSite } from './hosted-site';

/** HQ on a fabric in memory, its services not to be started, its waits at once. `onWait` is called with each that is not a service's. */
function hostedSite(kind: 'embedded' | 'kafka', onWait: (ms: number) => void) {
  const config = parseConfig({ sites: defaultSites(['hq']) }, 'the test');
  const { ports, faults } = new MemorySite('hq').process();
  const stop = new AbortController();
  const clock: Clock = {
    now: systemClock.now,
    async sleep(ms, signal) {
      // The services, and questions to the fabric, wait with signals of their own.
      if (signal !== stop.signal) return systemClock.sleep(ms, signal);
      onWait(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const [embedded] = config.sites;
  const site = createHostedSite({
    config,
    site: { ...embedded!, fabric: { ...embedded!.fabric, kind } as SiteConfig['fabric'] },
    ports,
    definitions: servicesOf('hq').map((id) => ({ id, start: () => Promise.reject(new Error('not here')) })),
    events: createEventHub({ onListenerError: () => undefined }),
    clock,
    tracer: quietTracer,
    sink: quietSink,
  });
  return { site, faults, stop };
}

it('asks a fabric that stays away ever more rarely, up to a limit, and is there soon after it', async () => {
  const waits: number[] = [];
  const { site, faults, stop } = hostedSite('embedded', (ms) => {
    waits.push(ms);
    if (waits.length === 12) faults.setReachable(true);
  });
  faults.setReachable(false);
  const running = site.run(stop.signal, () => {
    if (site.fabricHealth().state === 'ok') stop.abort();
  });
  await running;
  await site.stop();
  expect(site.fabricHealth().state).toBe('ok');
  const full = [250, 500, 1000, 2000, 4000, 5000, 5000, 5000, 5000, 5000, 5000, 5000];
  const tries = waits.slice(0, full.length);
  tries.forEach((wait, index) => {
    expect(wait).toBeLessThanOrEqual(full[index]!);
    expect(wait).toBeGreaterThanOrEqual(full[index]! * 0.8);
  });
});

/** Runs a site on three doors until it is well for the second time; resolves with what it told on the way. `meet`: by what was told. */
async function toldWhile(meet: Record<string, (faults: Faults) => void>): Promise<string[]> {
  const told: string[] = [];
  const { site, faults, stop } = hostedSite('kafka', () => undefined);
  await site.run(stop.signal, () => {
    const { state, reason } = site.fabricHealth();
    if (state === 'ok' && told.length > 0) stop.abort();
    told.push(reason ? `${state}: ${reason}` : state);
    meet[told.at(-1)!]?.(faults);
  });
  await site.stop();
  return told;
}

const NOT_READY = 'degraded: It answers, and can not be made ready';

it('keeps the doors apart when one closes while another has just come back', async () => {
  const told = await toldWhile({
    ok(faults) {
      faults.plan({ operation: 'tables.get', target: TABLES.services, effect: new Error('away') });
      faults.plan({ operation: 'volumes.ensureVolume', effect: new Error('just gone') });
    },
    [`${NOT_READY}: just gone`]: (faults) => faults.plan({ operation: 'volumes.stat', effect: new Error('gone') }),
  });
  expect(told).toEqual(['ok', 'degraded: tables: away', `${NOT_READY}: just gone`, 'degraded: volumes: gone', 'ok']);
});

it('says of a fabric that came back what it lacks, and is well only when it has all', async () => {
  const told = await toldWhile({
    ok(faults) {
      faults.plan({ operation: 'tables.get', target: TABLES.services, effect: new Error('away') });
      faults.plan({ operation: 'streams.ensureTopic', times: 2, effect: new Error('no topic may be made') });
    },
  });
  expect(told).toEqual(['ok', 'degraded: tables: away', `${NOT_READY}: no topic may be made`, 'ok']);
});
