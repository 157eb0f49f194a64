import { describe, expect, it } from 'vitest';
import { parseConfig } from '@/lib/config';
import { HQ_SERVICES, type ServiceId } from '@/lib/domain/services';
import { FieldlineError } from '@/lib/errors';
import { quietTracer } from '@/lib/tracing';
import type { HubEvent, ServiceContext, ServiceDefinition } from '../contract';
import { createEventHub } from '../events/hub';
import { ManualClock, settle } from '../testing/manual-clock';
import { quietSink } from '../testing/quiet-sink';
import type { DesiredStore } from './desired-store';
import { createSupervisor } from './supervisor';

const config = parseConfig(
  { sites: [{ id: 'hq', role: 'hq', fabric: { kind: 'embedded', kafkaPort: 1, restPort: 2 } }] },
  'the test',
);

/** What a table would keep. */
function memoryDesired() {
  const states = new Map<ServiceId, 'running' | 'stopped'>();
  const control = { reachable: true };
  const check = () => {
    if (!control.reachable) throw new FieldlineError('UNAVAILABLE', 'The table does not answer');
  };
  const store: DesiredStore = {
    async load() {
      check();
      return new Map(states);
    },
    async save(id, desired) {
      check();
      states.set(id, desired);
    },
  };
  return { store, control };
}

function setUp(desired: DesiredStore, ready: () => Promise<void> = async () => undefined) {
  const clock = new ManualClock();
  const events = createEventHub();
  const seen: HubEvent[] = [];
  events.subscribe((event) => seen.push(event));
  const contexts = new Map<ServiceId, ServiceContext>();
  const definitions: ServiceDefinition[] = HQ_SERVICES.map((id) => ({
    id,
    async start(context) {
      contexts.set(id, context);
      let finish: () => void = () => undefined;
      const done = new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { done, stop: async () => finish() };
    },
  }));
  const supervisor = createSupervisor({
    site: { id: 'hq', role: 'hq' },
    definitions,
    context: { ports: {} as ServiceContext['ports'], config, tracer: quietTracer },
    events,
    clock,
    sink: quietSink,
    desired,
    fabricReady: ready,
  });
  const states = () => supervisor.list().map((service) => service.state);
  return { supervisor, clock, seen, contexts, states };
}

describe('the supervisor', () => {
  it('runs every service of the role by default', async () => {
    const { supervisor, states } = setUp(memoryDesired().store);
    await supervisor.loadDesired();
    supervisor.begin();
    await settle();
    expect(supervisor.list().map((service) => service.id)).toEqual([...HQ_SERVICES]);
    expect(states()).toEqual(['running', 'running', 'running', 'running']);
    expect(supervisor.get('listener')).toBeUndefined();
    await supervisor.stop();
  });

  it('keeps the desired state over a restart', async () => {
    const { store } = memoryDesired();
    const first = setUp(store);
    first.supervisor.begin();
    await settle();
    await first.supervisor.setDesired('downloader', 'stopped');
    await settle();
    expect(first.supervisor.get('downloader')?.state).toBe('stopped');
    await first.supervisor.stop();

    const second = setUp(store);
    second.supervisor.begin();
    await second.supervisor.loadDesired();
    await settle();
    expect(second.states()).toEqual(['running', 'stopped', 'running', 'running']);
    await second.supervisor.stop();
  });

  it('refuses an order that it can not keep', async () => {
    const { store, control } = memoryDesired();
    const { supervisor } = setUp(store);
    supervisor.begin();
    await settle();
    control.reachable = false;
    await expect(supervisor.setDesired('downloader', 'stopped')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(supervisor.get('downloader')).toMatchObject({ desired: 'running', state: 'running' });
    await supervisor.stop();
  });

  it('comes up by itself when the fabric does', async () => {
    const { store } = memoryDesired();
    await store.save('broadcaster', 'stopped', 0);
    let reachable = false;
    const test = setUp(store, async () => {
      if (!reachable) throw new FieldlineError('UNAVAILABLE', 'The fabric of hq does not answer');
    });
    test.supervisor.begin();
    await settle();
    expect(test.states()).toEqual(['faulted', 'faulted', 'faulted', 'faulted']);
    expect(test.supervisor.get('downloader')?.health.reason).toBe('The fabric of hq does not answer');

    reachable = true;
    await test.supervisor.loadDesired();
    test.supervisor.retryFaulted();
    await settle();
    expect(test.states()).toEqual(['running', 'running', 'stopped', 'running']);
    await test.supervisor.stop();
  });

  it('logs behind the switch of each service, off by default', async () => {
    const { supervisor, contexts, seen } = setUp(memoryDesired().store);
    supervisor.begin();
    await settle();
    const { log } = contexts.get('downloader')!;
    const lines = () => seen.filter((event) => event.name === 'log').map((event) => event.payload);
    log.error('not wanted');
    expect(lines()).toEqual([]);
    supervisor.setLogLevel('downloader', 'warn');
    log.warn('wanted', { asset: 'a' });
    log.info('too fine');
    contexts.get('responder')!.log.error('other service');
    expect(lines()).toEqual([
      expect.objectContaining({ service: 'downloader', level: 'warn', message: 'wanted', data: { asset: 'a' } }),
    ]);
    expect(supervisor.get('downloader')?.logLevel).toBe('warn');
    await supervisor.stop();
  });

  it('publishes every service every ten seconds, so that history bars move', async () => {
    const { supervisor, clock, seen } = setUp(memoryDesired().store);
    supervisor.begin();
    await settle();
    seen.length = 0;
    await clock.advance(10_000);
    expect(seen.filter((event) => event.name === 'service')).toHaveLength(HQ_SERVICES.length);
    await supervisor.stop();
  });
});
