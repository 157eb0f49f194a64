import { type Clock, systemClock } from '@/lib/clock/clock';
import { type FieldlineConfig, parseConfig } from '@/lib/config';
import { defaultSites } from '@/lib/config/defaults';
import { DEFAULT_EDGE_ID, HQ_SITE_ID } from '@/lib/domain/naming';
import type { SiteRole } from '@/lib/domain/services';
import { type Faults, MemorySite } from '@/lib/drivers/memory';
import { asFieldlineError } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import { quietTracer } from '@/lib/tracing';
import type { HubEvent, ServiceContext, ServiceDefinition, ServiceInstance } from '../contract';
import { createEventHub } from '../events/hub';
import { provision } from '../runtime/provision';
import { linkTopicsOf } from '../runtime/site-topics';

/** What a service reported, for a test to look at. */
export interface Reported {
  processed: number;
  failed: string[];
  deadLetters: number;
  degraded: Map<string, string>;
  /** Every reason so far, also those taken back since. */
  reasons: string[];
}

/** One process of one site in which single services run, without a supervisor. */
export interface ServiceProcess {
  readonly ports: SitePorts;
  readonly faults: Faults;
  readonly events: HubEvent[];
  readonly reported: Reported;
  /** A context as a supervisor would build it. */
  context(): ServiceContext;
  start(definition: ServiceDefinition): Promise<ServiceInstance>;
  /** As kill -9: services stop where they are; nothing is finished or committed. */
  kill(): void;
  /** Stops the services in good order. */
  stop(): Promise<void>;
}

/** HQ and alpha on memory fabrics with a link between them; each can be used by one process after the other. */
export interface TestFabrics {
  readonly hq: MemorySite;
  readonly alpha: MemorySite;
  readonly config: FieldlineConfig;
  process(site: 'hq' | 'alpha'): Promise<ServiceProcess>;
}

export function createTestFabrics(
  settings: { clock?: Clock; limits?: Partial<FieldlineConfig['limits']> } = {},
): TestFabrics {
  const clock = settings.clock ?? systemClock;
  const config = parseConfig(
    { sites: defaultSites([HQ_SITE_ID, DEFAULT_EDGE_ID]), limits: settings.limits },
    'the test',
  );
  const hq = new MemorySite(HQ_SITE_ID, clock);
  const alpha = new MemorySite(DEFAULT_EDGE_ID, clock);
  alpha.connectTo(hq, linkTopicsOf(DEFAULT_EDGE_ID));
  return {
    hq,
    alpha,
    config,
    process: (id) => {
      const role: SiteRole = id === 'hq' ? 'hq' : 'edge';
      return startProcess({ id, role }, id === 'hq' ? hq : alpha, config, clock);
    },
  };
}

async function startProcess(
  site: { id: string; role: SiteRole },
  fabric: MemorySite,
  config: FieldlineConfig,
  clock: Clock,
): Promise<ServiceProcess> {
  const { ports, faults } = fabric.process();
  await provision(site, ports);
  const hub = createEventHub();
  const events: HubEvent[] = [];
  hub.subscribe((event) => events.push(event));
  const reported: Reported = { processed: 0, failed: [], deadLetters: 0, degraded: new Map(), reasons: [] };
  const closing = new AbortController();
  const instances: ServiceInstance[] = [];
  const nothing = () => undefined;
  const context = (): ServiceContext => ({
    site,
    ports,
    config,
    clock,
    events: hub,
    tracer: quietTracer,
    log: { error: nothing, warn: nothing, info: nothing, debug: nothing },
    signal: closing.signal,
    report: {
      processed: (count) => {
        reported.processed += count;
      },
      failed: (error) => {
        reported.failed.push(asFieldlineError(error).code);
      },
      deadLettered: (count = 1) => {
        reported.deadLetters += count;
      },
      degraded: (reason, part = '') => {
        if (reason === null) {
          reported.degraded.delete(part);
          return;
        }
        reported.degraded.set(part, reason);
        reported.reasons.push(reason);
      },
      lag: nothing,
      took: nothing,
    },
  });
  return {
    ports,
    faults,
    events,
    reported,
    context,
    async start(definition) {
      const instance = await definition.start(context());
      instances.push(instance);
      return instance;
    },
    kill() {
      faults.kill();
      closing.abort();
    },
    async stop() {
      closing.abort();
      // Of a process that was killed nothing ever returns.
      if (!faults.killed) await Promise.all(instances.map((instance) => instance.stop()));
    },
  };
}
