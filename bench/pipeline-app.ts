import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseConfig } from '@/lib/config';
import { AssetDownloadedMessage, encodeMessage } from '@/lib/domain/messages';
import { TABLES, TOPICS } from '@/lib/domain/naming';
import { servicesOf } from '@/lib/domain/services';
import type { SitePorts } from '@/lib/ports';
import { broadcaster } from '@/services/broadcaster/definition';
import type { Runtime } from '@/services/contract';
import { createDownloader } from '@/services/downloader/definition';
import { createFeedIngest } from '@/services/feed-ingest/definition';
import { listener } from '@/services/listener/definition';
import { requester } from '@/services/requester/definition';
import { responder } from '@/services/responder/definition';
import { announcedRow, toDocument } from '@/services/rows';
import { createPorts } from '@/services/runtime/ports';
import { createRuntime } from '@/services/runtime/runtime';
import { viewer } from '@/services/viewer/definition';

export interface Measurement {
  sites: { id: string; kafkaPort: number; restPort: number; pid: number }[];
  assets: number;
  seconds: number;
  say(line: string): void;
}

/** As long as a real one, about 1.4 KB of WebP in base64, and as hard to compress. */
const PREVIEW_BYTES = 1425;
const tinyPreviewOf = (id: string) =>
  `data:image/webp;base64,${createHash('shake256', { outputLength: PREVIEW_BYTES }).update(id).digest('base64')}`;
const BATCH = 500;
const WARM_ASSETS = 5000;
const LATENCY_RATE = 100;
const AT = '2026-01-02T03:04:05.000Z';

/** Measures the rate of a backlog, then the latency at a steady 100 assets a second. */
export async function measure({ sites, assets, seconds, say }: Measurement): Promise<void> {
  const runtime = startRuntime(sites);
  const [hq, alpha] = ['hq', 'alpha'].map((id) => runtime.sites.get(id)!.ports) as [SitePorts, SitePorts];
  try {
    while (!allRunning(runtime)) await sleep(50);
    // So that topics, connections and indexes exist and the code is compiled, as in a mission that has run for a minute.
    await addRows(hq, 'warm', WARM_ASSETS);
    await writeBacklog(hq, 'warm', WARM_ASSETS);
    while ((await alpha.tables.count(TABLES.assets)) < WARM_ASSETS) await sleep(20);
    await turnBroadcaster(runtime, 'stopped');
    await addRows(hq, 'rate', assets);
    await writeBacklog(hq, 'rate', assets);
    const before = cpuSeconds(sites);
    say(await measureRate(runtime, alpha, assets));
    const after = cpuSeconds(sites);
    const used = [...after].map(([name, cpu]) => `${name} ${(cpu - before.get(name)!).toFixed(1)} s`);
    say(`CPU used meanwhile: ${used.join(', ')}`);
    say(await measureLatency(runtime, hq, seconds));
    const { rss } = process.memoryUsage();
    say(`App process: ${Math.round(rss / 1e6)} MB resident at the end`);
  } finally {
    await runtime.stop();
  }
}

/** CPU time used so far by each process, on a Linux whose clock ticks 100 times a second (as all that Node runs on). */
function cpuSeconds(sites: Measurement['sites']): Map<string, number> {
  const { user, system } = process.cpuUsage();
  const used = new Map([['app', (user + system) / 1e6]]);
  for (const { id, pid } of sites) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    used.set(`fabric ${id}`, (Number(fields[11]) + Number(fields[12])) / 100);
  }
  return used;
}

/** Messages for a broadcaster; for the rate it is stopped meanwhile, since what writing them costs is no part of the pipeline. */
async function writeBacklog(hq: SitePorts, prefix: string, assets: number): Promise<void> {
  const sends: Promise<void>[] = [];
  for (let from = 0; from < assets; from += BATCH) {
    const count = Math.min(BATCH, assets - from);
    const records = Array.from({ length: count }, (_, n) => message(`${prefix}-${from + n}`));
    sends.push(hq.streams.produce(TOPICS.assetDownloaded, records));
  }
  await Promise.all(sends);
}

async function turnBroadcaster(runtime: Runtime, to: 'running' | 'stopped'): Promise<void> {
  const { supervisor } = runtime.sites.get('hq')!;
  await supervisor.setDesired('broadcaster', to);
  while (supervisor.list().find(({ id }) => id === 'broadcaster')!.state !== to) await sleep(10);
}

/** From the moment the broadcaster is told to start until the last row is in alpha's table. */
async function measureRate(runtime: Runtime, alpha: SitePorts, assets: number): Promise<string> {
  // The listener says what it has listed: asking the table again and again would be a load of its own.
  let listed = 0;
  const unsubscribe = runtime.events.subscribe((event) => {
    if (event.name === 'asset' && 'by' in event.payload && event.payload.by === 'listener') listed++;
  });
  const begin = performance.now();
  await turnBroadcaster(runtime, 'running');
  while (listed < assets) await sleep(20);
  const seconds = (performance.now() - begin) / 1000;
  unsubscribe();
  const rows = await alpha.tables.count(TABLES.assets);
  if (rows !== assets + WARM_ASSETS) throw new Error(`alpha has ${rows} rows, not ${assets + WARM_ASSETS}`);
  return `Rate: ${assets} assets in ${seconds.toFixed(2)} s = ${Math.round(assets / seconds)}/s`;
}

async function measureLatency(runtime: Runtime, hq: SitePorts, seconds: number): Promise<string> {
  const total = seconds * LATENCY_RATE;
  await addRows(hq, 'late', total);
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  const unsubscribe = runtime.events.subscribe((event) => {
    if (event.name !== 'asset' || !('by' in event.payload) || event.payload.by !== 'listener') return;
    const sent = sentAt.get(event.payload.asset.id);
    if (sent !== undefined) latencies.push(performance.now() - sent);
  });
  const sends: Promise<void>[] = [];
  const begin = performance.now();
  for (let n = 0; n < total; n++) {
    const due = begin + (n * 1000) / LATENCY_RATE;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    const id = `late-${n}`;
    sentAt.set(id, performance.now());
    sends.push(hq.streams.produce(TOPICS.assetDownloaded, [message(id)]));
  }
  await Promise.all(sends);
  while (latencies.length < total) await sleep(50);
  unsubscribe();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => Math.round(latencies[Math.min(total - 1, Math.floor(total * share))]!);
  return `Latency at ${LATENCY_RATE}/s over ${seconds} s: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

async function addRows(hq: SitePorts, prefix: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - from) }, (_, n) => {
      const { asset, file } = sample(`${prefix}-${from + n}`);
      return toDocument({ ...announcedRow(asset, {}, 0), status: 'downloaded' as const, file, outbox: null } as never);
    });
    await hq.tables.insertMany(TABLES.assets, rows);
  }
}

const sample = (id: string) => ({
  asset: {
    id,
    feed: 'bench',
    sourceId: id,
    title: `Scene ${id}: the Nile Delta from 700 km`,
    description: 'One of many scenes of the same place, as a satellite brings them pass after pass. '.repeat(3),
    kind: 'image' as const,
    keywords: ['river', 'delta', 'egypt', 'sample'],
    credit: 'NASA Earth Observatory',
    acquiredAt: AT,
    place: { lat: 30.9, lon: 31.1 },
  },
  file: {
    fileName: `${id}.jpg`,
    mediaType: 'image/jpeg',
    bytes: 250_000,
    sha256: 'a'.repeat(64),
    width: 1200,
    height: 800,
    tinyPreview: tinyPreviewOf(id),
  },
});
const message = (id: string) => ({
  key: id,
  value: encodeMessage(AssetDownloadedMessage, { type: 'asset.downloaded', at: AT, ...sample(id) }),
});

const allRunning = (runtime: Runtime) =>
  [...runtime.sites.values()].every((site) => site.supervisor.list().every((service) => service.state === 'running'));

/** The product's runtime with all seven services, and no feeds. */
function startRuntime(sites: Measurement['sites']): Runtime {
  const config = parseConfig(
    {
      sites: sites.map(({ id, kafkaPort, restPort }) => ({
        id,
        role: id === 'hq' ? 'hq' : 'edge',
        fabric: { kind: 'embedded', kafkaPort, restPort },
      })),
    },
    'the benchmark',
  );
  const loadFeeds = async () => ({ feeds: [], skipped: [], problems: [] });
  const openDownload = () => Promise.reject(new Error('Nothing is downloaded here'));
  const all = [
    createFeedIngest(loadFeeds),
    createDownloader({ loadFeeds, openDownload, makePreviews: async () => null }),
    broadcaster,
    responder,
    listener,
    requester,
    viewer,
  ];
  const quiet = () => undefined;
  return createRuntime({
    config,
    portsOf: createPorts,
    definitionsOf: (role) => all.filter((definition) => servicesOf(role).includes(definition.id)),
    sink: { error: quiet, warn: quiet, info: quiet, debug: quiet },
  });
}
