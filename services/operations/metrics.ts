import { Counter, collectDefaultMetrics, Gauge, type Metric, type OpenMetricsContentType, Registry } from 'prom-client';
import { SERVICE_STATES } from '@/lib/domain/services';
import type { LinkState } from '@/lib/ports';
import type { Runtime, SiteRuntime } from '../contract';
import { openStreamCount } from '../events/open-streams';
import { getMirror } from './mirror';
import { whileAvailable } from './sites';

const LINK_STATES: readonly LinkState[] = ['up', 'paused', 'connecting', 'down', 'failed'];

type MetricsRegistry = Registry<OpenMetricsContentType>;

/** Memory, CPU, event loop, garbage collection. Once a process: it keeps observers. On globalThis since Next has several bundles. */
const PROCESS_KEY = Symbol.for('fieldline.process-metrics');
function processMetrics(): Registry {
  const holder = globalThis as { [PROCESS_KEY]?: Registry };
  if (!holder[PROCESS_KEY]) {
    holder[PROCESS_KEY] = new Registry();
    collectDefaultMetrics({ register: holder[PROCESS_KEY] });
  }
  return holder[PROCESS_KEY];
}

/** Everything that this process knows of itself, as OpenMetrics text. What a fabric that is down does not tell is absent, not zero. */
export async function renderMetrics(runtime: Runtime): Promise<{ contentType: string; text: string }> {
  const registry: MetricsRegistry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const sites = [...runtime.sites.values()];
  siteMetrics(registry, sites);
  serviceMetrics(registry, sites);
  await linkMetrics(registry, sites);
  await mirrorMetrics(registry, runtime, sites);
  streamMetrics(registry);
  // What it returns are the metrics themselves; its type says less.
  for (const metric of processMetrics().getMetricsAsArray()) registry.registerMetric(metric as unknown as Metric);
  return { contentType: registry.contentType, text: await registry.metrics() };
}

type Labels = Record<string, string>;
/** Short names for what every group needs: `set` a gauge, or `count` what a counter elsewhere has reached. */
function instruments(registry: MetricsRegistry) {
  const registers = [registry];
  return {
    gauge(name: string, help: string, labelNames: string[]) {
      const gauge = new Gauge({ name, help, labelNames, registers });
      return (labels: Labels, value: number | null) => {
        if (value !== null) gauge.set(labels, value);
      };
    },
    counter(name: string, help: string, labelNames: string[]) {
      const counter = new Counter({ name, help, labelNames, registers });
      return (labels: Labels, value: number) => counter.inc(labels, value);
    },
  };
}

function siteMetrics(registry: MetricsRegistry, sites: readonly SiteRuntime[]): void {
  const { gauge } = instruments(registry);
  const state = gauge('fieldline_fabric_state', "The state of a site's fabric: 1 for the one it is in", [
    'site',
    'state',
  ]);
  for (const site of sites) {
    const health = site.fabricHealth();
    for (const word of ['ok', 'degraded', 'unavailable', 'unknown']) {
      state({ site: site.id, state: word }, Number(health.state === word));
    }
  }
}

function serviceMetrics(registry: MetricsRegistry, sites: readonly SiteRuntime[]): void {
  const { gauge, counter } = instruments(registry);
  const names = ['site', 'service'];
  const processed = counter('fieldline_service_processed', 'Records processed since the process started', names);
  const failed = counter('fieldline_service_failed', 'Records that failed since the process started', names);
  const deadLetters = counter('fieldline_service_dead_letters', 'Records put on the dead-letter topic', names);
  const restarts = counter('fieldline_service_restarts', 'Starts after a fault', names);
  const lag = gauge('fieldline_service_lag_records', 'Records that wait for the service', names);
  const state = gauge('fieldline_service_state', 'The state of a service: 1 for the one it is in', [...names, 'state']);
  const desired = gauge('fieldline_service_desired_running', '1 when an operator wants it to run', names);
  const degraded = gauge('fieldline_service_degraded', '1 when it runs but something is wrong', names);
  for (const service of sites.flatMap((site) => site.supervisor.list())) {
    const labels = { site: service.site, service: service.id };
    processed(labels, service.processed);
    failed(labels, service.failed);
    deadLetters(labels, service.deadLetters);
    restarts(labels, service.restarts);
    lag(labels, service.lag);
    for (const word of SERVICE_STATES) state({ ...labels, state: word }, Number(service.state === word));
    desired(labels, Number(service.desired === 'running'));
    degraded(labels, Number(service.health.status === 'degraded'));
  }
}

async function linkMetrics(registry: MetricsRegistry, sites: readonly SiteRuntime[]): Promise<void> {
  const { gauge, counter } = instruments(registry);
  const names = ['site', 'direction'];
  const records = counter('fieldline_link_records', 'Records carried since the fabric started', names);
  const bytes = counter('fieldline_link_bytes', 'Bytes carried since the fabric started', names);
  const lagRecords = gauge('fieldline_link_pending_records', 'Records that wait to be carried', names);
  const lagBytes = gauge('fieldline_link_pending_bytes', 'Bytes that wait to be carried', names);
  const lagSeconds = gauge('fieldline_link_lag_seconds', 'Age of the oldest record that waits', names);
  const state = gauge('fieldline_link_state', 'The state of a direction: 1 for the one it is in', [...names, 'state']);
  const seen = gauge('fieldline_link_last_seen_timestamp_seconds', 'When HQ last answered', ['site']);
  for (const site of sites) {
    const status = await whileAvailable(site, async () => (await site.ports.links?.status()) ?? null);
    if (!status) continue;
    seen({ site: site.id }, status.lastSeenAt === null ? null : status.lastSeenAt / 1000);
    for (const name of ['inbound', 'outbound'] as const) {
      const labels = { site: site.id, direction: name };
      const direction = status[name];
      records(labels, direction.recordsTotal);
      bytes(labels, direction.bytesTotal);
      lagRecords(labels, direction.lagRecords);
      lagBytes(labels, direction.lagBytes);
      lagSeconds(labels, direction.lagMs === null ? null : direction.lagMs / 1000);
      for (const word of LINK_STATES) state({ ...labels, state: word }, Number(direction.state === word));
    }
  }
}

async function mirrorMetrics(
  registry: MetricsRegistry,
  runtime: Runtime,
  sites: readonly SiteRuntime[],
): Promise<void> {
  const { gauge } = instruments(registry);
  const pendingFiles = gauge('fieldline_mirror_pending_files', 'Files that the mirror still has to bring', ['site']);
  const pendingBytes = gauge('fieldline_mirror_pending_bytes', 'Bytes that the mirror still has to bring', ['site']);
  const rate = gauge('fieldline_mirror_bytes_per_second', 'What the current run brings a second', ['site']);
  const state = gauge('fieldline_mirror_state', 'The state of a mirror: 1 for the one it is in', ['site', 'state']);
  const success = gauge('fieldline_mirror_last_success_timestamp_seconds', 'When a run last ended well', ['site']);
  for (const site of sites.filter(({ role }) => role === 'edge')) {
    const { id } = site;
    const mirror = await whileAvailable(site, () => getMirror(runtime, id, { refresh: false }));
    if (!mirror) continue;
    const { filesTotal, bytesTotal, lastSuccessAt } = mirror;
    pendingFiles({ site: id }, filesTotal === null ? null : Math.max(0, filesTotal - mirror.filesDone));
    pendingBytes({ site: id }, bytesTotal === null ? null : Math.max(0, bytesTotal - mirror.bytesDone));
    rate({ site: id }, mirror.bytesPerSecond);
    for (const word of ['idle', 'running', 'failed']) state({ site: id, state: word }, Number(mirror.state === word));
    success({ site: id }, lastSuccessAt === null ? null : Date.parse(lastSuccessAt) / 1000);
  }
}

function streamMetrics(registry: MetricsRegistry): void {
  const { gauge } = instruments(registry);
  gauge('fieldline_event_streams_open', 'Pages and programs that listen to /api/events', [])({}, openStreamCount());
}
