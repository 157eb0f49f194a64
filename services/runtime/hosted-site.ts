import { type BackoffLimits, backoffMs } from '@/lib/clock/backoff';
import type { Clock } from '@/lib/clock/clock';
import type { FieldlineConfig, SiteConfig } from '@/lib/config';
import { FieldlineError, shownMessage } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import type { Tracer } from '@/lib/tracing';
import type { EventHub, ServiceDefinition, SiteRuntime } from '../contract';
import { createDesiredStore, createSupervisor, type LogSink, type SiteSupervisor } from '../supervisor';
import { doorsOf, HealthRecord, notReady, probeFabric } from './fabric-watch';
import { FabricGate } from './gate';
import { provision } from './provision';

/** Between looks at a fabric that is well, and at one that is not. */
const WELL_INTERVAL_MS = 1000;
const UNWELL_INTERVAL_MS = 500;
/** Between tries to provision: soon while both are just starting; one that comes back is noticed within seconds, and not asked by all at once. */
const PROVISION_BACKOFF: BackoffLimits = { minMs: 250, maxMs: 5000, jitterShare: 0.2 };

export interface HostedSite extends SiteRuntime {
  /** Provisions the fabric and watches it until the signal aborts, calling back when its health changes. */
  run(signal: AbortSignal, onHealth: () => void): Promise<void>;
  /** Stops the services and lets go of the ports. */
  stop(): Promise<void>;
}

/** One site of this process: its ports, its services, and an eye on its fabric. */
export function createHostedSite(options: {
  config: FieldlineConfig;
  site: SiteConfig;
  ports: SitePorts;
  definitions: readonly ServiceDefinition[];
  events: EventHub;
  clock: Clock;
  tracer: Tracer;
  sink: LogSink;
  /** Called whenever the fabric has all that the services use; the services wait for it. */
  onProvisioned?: (ports: SitePorts) => Promise<void>;
}): HostedSite {
  const { config, site, ports, events, clock, tracer, sink } = options;
  const gate = new FabricGate();
  const health = new HealthRecord(clock);
  const supervisor: SiteSupervisor = createSupervisor({
    site,
    definitions: options.definitions,
    context: { ports, config, tracer },
    events,
    clock,
    sink,
    desired: createDesiredStore(ports.tables),
    fabricReady: (signal) => gate.pass(signal),
  });

  /** Makes sure of all that the services use, and lets them go on. Fails as the ports do. */
  async function makeReady(onHealth: () => void): Promise<void> {
    await provision(site, ports);
    await options.onProvisioned?.(ports);
    await supervisor.loadDesired();
    health.set('ok', null);
    gate.open();
    supervisor.retryFaulted();
    sink.info({ site: site.id }, `The fabric of ${site.id} is ready`);
    onHealth();
  }

  /** Until it succeeds once: the services wait at the gate, and say why. */
  async function begin(signal: AbortSignal, onHealth: () => void): Promise<void> {
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        return await makeReady(onHealth);
      } catch (error) {
        const reason = `The fabric of ${site.id} is not ready: ${shownMessage(error)}`;
        if (failures === 1) sink.warn({ site: site.id }, reason);
        gate.fail(new FieldlineError('UNAVAILABLE', reason, { cause: error }));
        if (health.set('unavailable', shownMessage(error))) onHealth();
        await clock.sleep(backoffMs(failures, PROVISION_BACKOFF), signal).catch(() => undefined);
      }
    }
  }

  /**
   * Tells how the doors are. A fabric that is well again may have come back empty: it is well once it has all that the services use. Where
   * that fails the doors are asked again, since one may have closed meanwhile, and the others stay open.
   */
  async function watch(signal: AbortSignal, onHealth: () => void): Promise<void> {
    const doors = doorsOf(site.fabric.kind);
    let failures = 0;
    while (!signal.aborted) {
      const well = health.get().state === 'ok';
      const pause =
        failures > 0 ? backoffMs(failures, PROVISION_BACKOFF) : well ? WELL_INTERVAL_MS : UNWELL_INTERVAL_MS;
      await clock.sleep(pause, signal).catch(() => undefined);
      if (signal.aborted) return;
      let troubles = await probeFabric(ports, doors, clock, signal);
      if (signal.aborted) return;
      if (troubles.size > 0) failures = 0;
      else if (!well) {
        try {
          await makeReady(onHealth);
          failures = 0;
          continue;
        } catch (error) {
          if (signal.aborted) return;
          failures++;
          troubles = notReady(error);
        }
      }
      if (!health.setTroubles(troubles, doors.length)) continue;
      const { state, reason } = health.get();
      onHealth();
      sink.warn({ site: site.id, reason }, `The fabric of ${site.id} is ${state}`);
    }
  }

  return {
    id: site.id,
    role: site.role,
    config: site,
    ports,
    supervisor,
    fabricHealth: () => health.get(),
    async run(signal, onHealth) {
      supervisor.begin();
      await begin(signal, onHealth);
      await watch(signal, onHealth);
    },
    async stop() {
      await supervisor.stop();
      await Promise.allSettled([
        ports.streams.close(),
        ports.tables.close(),
        ports.volumes.close(),
        ports.links?.close(),
        ports.troubles?.close(),
        ports.edgeAccess?.close(),
      ]);
    },
  };
}
