import { expect, it } from 'vitest';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { parseConfig } from '@/lib/config';
import { defaultSites } from '@/lib/config/defaults';
import { servicesOf } from '@/lib/domain/services';
import { MemorySite } from '@/lib/drivers/memory';
import { quietTracer } from '@/lib/tracing';
import { createEventHub } from '../events/hub';
import { quietSink } from '../testing/quiet-sink';
import { createHostedSite } from './hosted-site';

it('asks a fabric that stays away ever more rarely, up to a limit, and is there soon after it', async () => {
  const config = parseConfig({ sites: defaultSites(['hq']) }, 'the test');
  const { ports, faults } = new MemorySite('hq').process();
  faults.setReachable(false);
  const stop = new AbortController();
  const waits: number[] = [];
  const clock: Clock = {
    now: systemClock.now,
    async sleep(ms, signal) {
      // The services wait with signals of their own.
      if (signal !== stop.signal) return systemClock.sleep(ms, signal);
      waits.push(ms);
      if (waits.length === 12) faults.setReachable(true);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const site = createHostedSite({
    config,
    site: config.sites[0]!,
    ports,
    definitions: servicesOf('hq').map((id) => ({ id, start: () => Promise.reject(new Error('not here')) })),
    events: createEventHub({ onListenerError: () => undefined }),
    clock,
    tracer: quietTracer,
    sink: quietSink,
  });
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
