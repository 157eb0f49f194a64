import type { Clock } from '@/lib/clock/clock';
import { type ServiceId, type SiteRole, servicesOf } from '@/lib/domain/services';
import { FieldlineError } from '@/lib/errors';
import type { EventHub, ServiceContext, ServiceDefinition, ServiceInstance, Supervisor } from '../contract';
import { instruments } from '../telemetry/instruments';
import type { DesiredStore } from './desired-store';
import { HISTORY_INTERVAL_MS } from './meter';
import { type RunnerHooks, ServiceRunner } from './runner';
import { createServiceLog, type LogSink } from './service-log';

export interface SupervisorOptions {
  site: { id: string; role: SiteRole };
  /** One definition for each service of the role. */
  definitions: readonly ServiceDefinition[];
  /** What every service of this site gets, apart from what is its own. */
  context: Pick<ServiceContext, 'ports' | 'config' | 'tracer'>;
  events: EventHub;
  clock: Clock;
  sink: LogSink;
  desired: DesiredStore;
  /** Resolves when the fabric is provisioned and the desired states are known; rejects at once, with the reason, while it can not be. */
  fabricReady(signal: AbortSignal): Promise<void>;
}

export interface SiteSupervisor extends Supervisor {
  /** Orders every service to run, which is the default until the desired states are known. */
  begin(): void;
  /** Reads the desired states. Fails while the table does not answer; the orders already given since the start stay. */
  loadDesired(): Promise<void>;
  /** The fabric answers: faulted services are tried again at once. */
  retryFaulted(): void;
}

/** Runs the services of one site as their operators want. */
export function createSupervisor(options: SupervisorOptions): SiteSupervisor {
  const { site, events, clock, sink } = options;
  const ids = servicesOf(site.role);
  const orderedHere = new Set<ServiceId>();
  const closing = new AbortController();
  const { serviceWork } = instruments();
  const runners = new Map<ServiceId, ServiceRunner>();
  for (const id of ids) {
    const definition = options.definitions.find((candidate) => candidate.id === id);
    if (!definition) throw new FieldlineError('INTERNAL', `The service ${id} has no definition`);
    runners.set(
      id,
      new ServiceRunner({
        site: site.id,
        definition,
        clock,
        start: startService,
        publish: (service) => events.publish('service', service),
        onWork: (ms) => serviceWork.observe({ site: site.id, service: id }, ms / 1000),
        onTransition: (from, to, service) => {
          const facts = {
            site: site.id,
            service: id,
            from,
            to,
            ...(to === 'faulted' ? { error: service.lastError } : {}),
          };
          if (to === 'faulted') sink.warn(facts, `${id} of ${site.id} is faulted: ${service.lastError?.message}`);
          else sink.info(facts, `${id} of ${site.id} is ${to}`);
        },
      }),
    );
  }

  async function startService(definition: ServiceDefinition, hooks: RunnerHooks): Promise<ServiceInstance> {
    await options.fabricReady(hooks.signal);
    hooks.signal.throwIfAborted();
    return definition.start({
      site,
      ...options.context,
      clock,
      events,
      signal: hooks.signal,
      report: hooks.report,
      log: createServiceLog({ site: site.id, service: definition.id, level: hooks.logLevel, sink, events, clock }),
    });
  }

  /** The history bars of idle services move too. */
  async function publishHistory(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(HISTORY_INTERVAL_MS, closing.signal);
      for (const runner of runners.values()) events.publish('service', runner.snapshot());
    }
  }

  function runnerOf(id: ServiceId): ServiceRunner {
    const runner = runners.get(id);
    if (!runner) throw new FieldlineError('NOT_FOUND', `${site.id} has no service "${id}"`);
    return runner;
  }

  return {
    list: () => [...runners.values()].map((runner) => runner.snapshot()),
    get: (id) => runners.get(id as ServiceId)?.snapshot(),
    async setDesired(id, desired) {
      const runner = runnerOf(id);
      if (closing.signal.aborted)
        throw new FieldlineError('UNAVAILABLE', `The services of ${site.id} are stopped, all of them: ask again later`);
      await options.desired.save(id, desired, clock.now());
      orderedHere.add(id);
      runner.setDesired(desired);
      return runner.snapshot();
    },
    setLogLevel(id, level) {
      const runner = runnerOf(id);
      runner.logLevel = level;
      const service = runner.snapshot();
      events.publish('service', service);
      return service;
    },
    async whileStopped(id, work) {
      const runner = runnerOf(id);
      await runner.hold();
      try {
        return await work();
      } finally {
        runner.release();
      }
    },
    wake: (id, reason) => runners.get(id)?.wake(reason),
    begin() {
      for (const runner of runners.values()) runner.setDesired('running');
      publishHistory().catch(() => closing.abort());
    },
    async loadDesired() {
      if (closing.signal.aborted) return;
      const stored = await options.desired.load(ids);
      for (const [id, runner] of runners) {
        const desired = stored.get(id) ?? 'running';
        if (!orderedHere.has(id) && desired !== runner.desired) runner.setDesired(desired);
      }
    },
    retryFaulted() {
      if (closing.signal.aborted) return;
      for (const runner of runners.values()) runner.retryNow();
    },
    async stop() {
      closing.abort();
      await Promise.all([...runners.values()].map((runner) => runner.shutDown()));
    },
  };
}
