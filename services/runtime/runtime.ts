import { type Clock, systemClock } from '@/lib/clock/clock';
import type { FieldlineConfig, SiteConfig } from '@/lib/config';
import type { SiteRole } from '@/lib/domain/services';
import { errorMessage } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import { quietTracer, type Tracer } from '@/lib/tracing';
import type { Runtime, ServiceDefinition } from '../contract';
import { createEventHub } from '../events/hub';
import { describeHosted } from '../operations/sites';
import type { LogSink } from '../supervisor';
import { createHostedSite, type HostedSite } from './hosted-site';
import { pollEdge } from './pollers';
import { announceSites } from './site-announcer';

export interface RuntimeOptions {
  config: FieldlineConfig;
  portsOf(config: FieldlineConfig, site: SiteConfig): SitePorts;
  definitionsOf(role: SiteRole): readonly ServiceDefinition[];
  sink: LogSink;
  clock?: Clock;
  /** Traces of what the services do; kept and exported nowhere when absent. */
  tracer?: Tracer;
}

/** Builds and starts everything that runs in this process. Returns at once: a fabric that is not there yet is waited for. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const { config, sink, clock = systemClock, tracer = quietTracer } = options;
  const events = createEventHub({
    onListenerError: (error) => sink.error({ reason: errorMessage(error) }, 'A listener of the event hub threw'),
  });
  const closing = new AbortController();
  const sites = new Map<string, HostedSite>(
    config.sites.map((site) => [
      site.id,
      createHostedSite({
        config,
        site,
        ports: options.portsOf(config, site),
        definitions: options.definitionsOf(site.role),
        events,
        clock,
        tracer,
        sink,
      }),
    ]),
  );
  const runtime: Runtime = {
    config,
    sites,
    events,
    clock,
    tracer,
    health() {
      const reasons = [...sites.values()].flatMap((site) => {
        const { state, reason } = site.fabricHealth();
        if (state === 'ok' || state === 'degraded') return [];
        return [`The fabric of ${site.id} is ${state}${reason ? `: ${reason}` : ''}`];
      });
      return { ready: reasons.length === 0, reasons };
    },
    async stop() {
      closing.abort();
      await Promise.all([...sites.values()].map((site) => site.stop()));
      await work;
      await tracer.shutdown();
    },
  };

  /** Background work ends with the signal; what ends otherwise is a bug, and is logged rather than lost. */
  const guarded = (what: string, task: Promise<void>) =>
    task.catch((error: unknown) => {
      if (!closing.signal.aborted) sink.error({ reason: errorMessage(error) }, `${what} ended`);
    });
  const tasks = [...sites.values()].flatMap((site) => {
    const announce = () => void guarded('An announcement', publishSite(site));
    const { links } = site.ports;
    return [
      guarded(`The watch of ${site.id}`, site.run(closing.signal, announce)),
      ...(links ? [guarded(`The pollers of ${site.id}`, pollEdge(runtime, site, links, sink, closing.signal))] : []),
    ];
  });
  const work = Promise.all([...tasks, guarded('The site announcer', announceSites(runtime, sink, closing.signal))]);

  async function publishSite(site: HostedSite): Promise<void> {
    events.publish('site', await describeHosted(runtime, site));
  }
  return runtime;
}
