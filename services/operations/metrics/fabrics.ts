import { statfs } from 'node:fs/promises';
import type { FieldlineConfig } from '@/lib/config';
import type { SiteRuntime } from '../../contract';
import type { Reading } from './readings';
import type { Scrape } from './registry';

const FABRIC_STATES = ['ok', 'degraded', 'unavailable', 'unknown'];
/** Volumes of the mission are two an edge at HQ; anybody may create more. */
const VOLUMES_TOLD_MAX = 200;

export function fabricStates(scrape: Scrape, sites: readonly SiteRuntime[]): void {
  const state = scrape.state(
    'fieldline_fabric_state',
    "1 for the state that a site's fabric is in",
    ['site'],
    FABRIC_STATES,
  );
  const failures = scrape.counter(
    'fieldline_fabric_failures_total',
    "How often since the start a site's fabric was found not well, or could not be made ready",
    ['site'],
  );
  for (const site of sites) {
    const health = site.fabricHealth();
    state({ site: site.id }, health.state);
    failures({ site: site.id }, health.failures);
  }
}

/** What embedded fabrics tell of themselves. */
export async function fabricMetrics(scrape: Scrape, read: Reading): Promise<void> {
  const site = ['site'];
  const byApi = ['site', 'api'];
  const byVolume = ['site', 'volume'];
  const started = scrape.gauge('fieldline_fabric_start_time_seconds', 'When the process of the fabric began', site);
  const free = scrape.gauge('fieldline_fabric_disk_free_bytes', 'Free space where the fabric keeps its data', site);
  const size = scrape.gauge('fieldline_fabric_disk_size_bytes', 'Size of the file system of its data', site);
  const resident = scrape.gauge('fieldline_fabric_resident_memory_bytes', 'Memory of its process', site);
  const cpu = scrape.counter('fieldline_fabric_cpu_seconds_total', 'CPU time of its process', site);
  const connections = scrape.gauge('fieldline_fabric_kafka_connections', 'Open connections at its Kafka door', site);
  const requests = scrape.counter('fieldline_fabric_kafka_requests_total', 'Requests at its Kafka door', byApi);
  const received = scrape.counter('fieldline_fabric_kafka_received_bytes_total', 'Bytes of these requests', byApi);
  const sent = scrape.counter('fieldline_fabric_kafka_sent_bytes_total', 'Bytes of their answers', byApi);
  const topics = scrape.gauge('fieldline_fabric_topics', 'Topics', site);
  const partitions = scrape.gauge('fieldline_fabric_partitions', 'Partitions of them', site);
  const logBytes = scrape.gauge('fieldline_fabric_log_bytes', 'Bytes of the logs of all topics', site);
  const files = scrape.gauge('fieldline_volume_files', 'Files of a volume', byVolume);
  const bytes = scrape.gauge('fieldline_volume_bytes', 'Bytes of the files of a volume', byVolume);
  await read(async ({ id, ports }) => {
    const figures = await ports.figures?.read();
    if (!figures) return;
    const labels = { site: id };
    started(labels, figures.startedAt / 1000);
    free(labels, figures.disk.freeBytes);
    size(labels, figures.disk.sizeBytes);
    resident(labels, figures.process.residentBytes);
    cpu(labels, figures.process.cpuSeconds);
    connections(labels, figures.kafka.connections);
    for (const api of figures.kafka.apis) {
      requests({ site: id, api: api.name }, api.requests);
      received({ site: id, api: api.name }, api.bytesIn);
      sent({ site: id, api: api.name }, api.bytesOut);
    }
    topics(labels, figures.topics.topics);
    partitions(labels, figures.topics.partitions);
    logBytes(labels, figures.topics.bytes);
    for (const volume of figures.volumes.slice(0, VOLUMES_TOLD_MAX)) {
      files({ site: id, volume: volume.name }, volume.files);
      bytes({ site: id, volume: volume.name }, volume.bytes);
    }
  });
}

/** Where this process keeps its own data. */
export async function diskMetrics(scrape: Scrape, { dataDir }: FieldlineConfig): Promise<void> {
  const free = scrape.gauge('fieldline_data_free_bytes', 'Free space where this process keeps its data', []);
  const size = scrape.gauge('fieldline_data_size_bytes', 'Size of that file system', []);
  // Before the first start there is no such directory.
  const usage = await statfs(dataDir).catch(() => null);
  free({}, usage && usage.bavail * usage.bsize);
  size({}, usage && usage.blocks * usage.bsize);
}
