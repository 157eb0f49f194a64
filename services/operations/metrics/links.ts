import type { LinkState } from '@/lib/ports';
import type { Runtime } from '../../contract';
import { getMirror } from '../mirror';
import type { Reading } from './readings';
import type { Scrape } from './registry';

const LINK_STATES: readonly LinkState[] = ['up', 'paused', 'connecting', 'down', 'failed'];
const MIRROR_STATES = ['idle', 'running', 'failed'];

export async function linkMetrics(scrape: Scrape, read: Reading): Promise<void> {
  const names = ['site', 'direction'];
  const records = scrape.counter('fieldline_link_records_total', 'Records carried since the fabric started', names);
  const bytes = scrape.counter('fieldline_link_bytes_total', 'Bytes carried since the fabric started', names);
  const waiting = scrape.gauge('fieldline_link_pending_records', 'Records that wait to be carried', names);
  const waitingBytes = scrape.gauge('fieldline_link_pending_bytes', 'Bytes that wait to be carried', names);
  const lag = scrape.gauge('fieldline_link_lag_seconds', 'Age of the oldest record that waits', names);
  const state = scrape.state('fieldline_link_state', '1 for the state that a direction is in', names, LINK_STATES);
  const seen = scrape.gauge('fieldline_link_last_seen_timestamp_seconds', 'When HQ last answered', ['site']);
  await read(async (site) => {
    const status = await site.ports.links?.status();
    if (!status) return;
    seen({ site: site.id }, seconds(status.lastSeenAt));
    for (const name of ['inbound', 'outbound'] as const) {
      const labels = { site: site.id, direction: name };
      const direction = status[name];
      records(labels, direction.recordsTotal);
      bytes(labels, direction.bytesTotal);
      waiting(labels, direction.lagRecords);
      waitingBytes(labels, direction.lagBytes);
      lag(labels, seconds(direction.lagMs));
      state(labels, direction.state);
    }
  });
}

export async function mirrorMetrics(scrape: Scrape, runtime: Runtime, read: Reading): Promise<void> {
  const names = ['site'];
  const files = scrape.gauge('fieldline_mirror_pending_files', 'Files that the mirror still has to bring', names);
  const bytes = scrape.gauge('fieldline_mirror_pending_bytes', 'Bytes that the mirror still has to bring', names);
  const filesDone = scrape.gauge('fieldline_mirror_run_files', 'Files that the current or last run brought', names);
  const bytesDone = scrape.gauge('fieldline_mirror_run_bytes', 'Bytes that the current or last run brought', names);
  const rate = scrape.gauge('fieldline_mirror_rate_bytes', 'Bytes that the current run brings a second', names);
  const state = scrape.state('fieldline_mirror_state', '1 for the state that a mirror is in', names, MIRROR_STATES);
  const success = scrape.gauge('fieldline_mirror_last_success_timestamp_seconds', 'When a run last ended well', names);
  await read(async ({ id, role }) => {
    if (role !== 'edge') return;
    const mirror = await getMirror(runtime, id, { refresh: false });
    const left = (total: number | null, done: number) => (total === null ? null : Math.max(0, total - done));
    files({ site: id }, left(mirror.filesTotal, mirror.filesDone));
    bytes({ site: id }, left(mirror.bytesTotal, mirror.bytesDone));
    filesDone({ site: id }, mirror.filesDone);
    bytesDone({ site: id }, mirror.bytesDone);
    rate({ site: id }, mirror.bytesPerSecond);
    state({ site: id }, mirror.state);
    success({ site: id }, mirror.lastSuccessAt === null ? null : Date.parse(mirror.lastSuccessAt) / 1000);
  });
}

const seconds = (ms: number | null) => (ms === null ? null : ms / 1000);
