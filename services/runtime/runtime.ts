import { type Clock, systemClock } from '@/lib/clock/clock';
import type { FieldlineConfig, SiteConfig } from '@/lib/config';
import type { SiteRole } from '@/lib/domain/services';
import { errorMessage } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import { quietTracer, type Tracer } from '@/lib/tracing';
import { JobBoard } from '../connections/job-board';
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
  const { sink, clock = systemClock, tracer = quietTracer } = options;
  let { config } = options;
  const events = createEventHub({
    onListenerError: (error) => sink.error({ reason: errorMessage(error) }, 'A listener of the event hub threw'),
  });
  const closing = new AbortController();
  const sites = new Map<string, HostedSite>();
  const running = new Map<string, { abort: AbortController; work: Promise<unknown> }>();
  const runtime: Runtime = {
    get config() {
      return config;
    },
    sites,
    events,
    clock,
    jobs: new JobBoard(events, clock, (error) => sink.error({ reason: errorMessage(error) }, 'A job ended badly')),
    openPorts: options.portsOf,
    tracer,
    health() {
      const reasons = [...sites.values()].flatMap((site) => {
        const { state, reason } = site.fabricHealth();
        if (state === 'ok' || state === 'degraded') return [];
        if (state === 'unknown') return [`The fabric of ${site.id} has not answered yet`];
        return [`The fabric of ${site.id} is ${state}${reason ? `: ${reason}` : ''}`];
      });
      return { ready: reasons.length === 0, reasons };
    },
    async reconfigure(next, ids) {
      await Promise.all(ids.map(halt));
      config = next;
      for (const site of config.sites) if (ids.includes(site.id) && !closing.signal.aborted) begin(site);
    },
    async stop() {
      closing.abort();
      await runtime.jobs.stop();
      await Promise.all([...sites.keys()].map(halt));
      await announcing;
      await tracer.shutdown();
    },
  };

  /** Background work ends with the signal; what ends otherwise is a bug, and is logged rather than lost. */
  const guarded = (what: string, task: Promise<void>, { signal }: AbortController = closing) =>
    task.catch((error: unknown) => {
      if (!signal.aborted) sink.error({ reason: errorMessage(error) }, `${what} ended`);
    });

  function begin(configured: SiteConfig): void {
    const site = createHostedSite({
      config,
      site: configured,
      ports: options.portsOf(config, configured),
      definitions: options.definitionsOf(configured.role),
      events,
      clock,
      tracer,
      sink,
    });
    sites.set(site.id, site);
    const abort = new AbortController();
    const announce = () => void guarded('An announcement', publishSite(site), abort);
    const { links } = site.ports;
    const work = Promise.all([
      guarded(`The watch of ${site.id}`, site.run(abort.signal, announce), abort),
      ...(links
        ? [guarded(`The pollers of ${site.id}`, pollEdge(runtime, site, links, sink, abort.signal), abort)]
        : []),
    ]);
    running.set(site.id, { abort, work });
  }

  async function halt(id: string): Promise<void> {
    const { abort, work } = running.get(id) ?? {};
    abort?.abort();
    await sites.get(id)?.stop();
    await work;
  }

  async function publishSite(site: HostedSite): Promise<void> {
    events.publish('site', await describeHosted(runtime, site));
  }

  for (const site of config.sites) begin(site);
  const announcing = guarded('The site announcer', announceSites(runtime, sink, closing.signal));
  return runtime;
}
