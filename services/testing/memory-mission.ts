import { createHash } from 'node:crypto';
import { parseConfig } from '@/lib/config';
import { defaultSites } from '@/lib/config/defaults';
import type { AssetDescription, AssetFile } from '@/lib/domain/asset';
import { DEFAULT_EDGE_ID, HQ_SITE_ID, TABLES, TOPICS, VOLUMES } from '@/lib/domain/naming';
import { type ServiceId, servicesOf } from '@/lib/domain/services';
import { type Faults, MemorySite } from '@/lib/drivers/memory';
import type { SitePorts } from '@/lib/ports';
import { quietTracer } from '@/lib/tracing';
import { JobBoard } from '../connections/job-board';
import type { FabricHealth, Runtime, ServiceDefinition, SiteRuntime } from '../contract';
import { createEventHub } from '../events/hub';
import { announcedRow, availableRow, type EdgeAssetRow, type HqAssetRow, toDocument } from '../rows';
import { createDesiredStore, createSupervisor } from '../supervisor';
import { ManualClock } from './manual-clock';
import { quietSink } from './quiet-sink';

/** What a test may look at and change of one site. */
export interface MissionSite {
  ports: SitePorts;
  faults: Faults;
  /** Reasons the services were woken for, as `service: reason`. */
  wakes: string[];
  setHealth(state: FabricHealth['state'], reason?: string): void;
}

export interface MemoryMission {
  runtime: Runtime;
  clock: ManualClock;
  hq: MissionSite;
  alpha: MissionSite;
  /** Puts an asset into HQ's table, file and volume. Fields of the row can be overridden. */
  addHqAsset(id: string, change?: Partial<HqAssetRow>, content?: Buffer): Promise<HqAssetRow>;
  /** Puts an asset into alpha's table. */
  addEdgeAsset(id: string, change?: Partial<EdgeAssetRow>): Promise<EdgeAssetRow>;
  stop(): Promise<void>;
}

/** HQ and alpha in one process on memory fabrics, with services that run and do nothing: what the operations act on. */
export async function createMemoryMission(
  options: { demo?: boolean; hosts?: readonly string[] } = {},
): Promise<MemoryMission> {
  const clock = new ManualClock();
  const events = createEventHub();
  const config = parseConfig(
    { demo: options.demo ?? true, sites: defaultSites([HQ_SITE_ID, DEFAULT_EDGE_ID]) },
    'a test',
  );
  const fabrics = { hq: new MemorySite(HQ_SITE_ID, clock), alpha: new MemorySite(DEFAULT_EDGE_ID, clock) };
  fabrics.alpha.connectTo(fabrics.hq, {
    inbound: [TOPICS.assetBroadcast.topic, TOPICS.assetResponse.topic],
    outbound: [TOPICS.request(DEFAULT_EDGE_ID).topic, TOPICS.receipt(DEFAULT_EDGE_ID).topic],
  });
  const sites = new Map<string, SiteRuntime>();
  const build = async (id: 'hq' | 'alpha'): Promise<MissionSite> => {
    const site = config.sites.find((candidate) => candidate.id === id)!;
    const { ports, faults } = fabrics[id].process();
    const wakes: string[] = [];
    let health: FabricHealth = { state: 'ok', reason: null, since: clock.now(), asOf: clock.now(), failures: 0 };
    await provision(id, ports);
    const supervisor = createSupervisor({
      site,
      definitions: servicesOf(site.role).map((service) => idleService(service, wakes)),
      context: { ports, config, tracer: quietTracer },
      events,
      clock,
      sink: quietSink,
      desired: createDesiredStore(ports.tables),
      fabricReady: async () => undefined,
    });
    supervisor.begin();
    if (options.hosts?.includes(id) ?? true)
      sites.set(id, { id, role: site.role, config: site, ports, supervisor, fabricHealth: () => health });
    return {
      ports,
      faults,
      wakes,
      setHealth(state, reason) {
        const failures = health.failures + Number(state !== 'ok');
        health = { state, reason: reason ?? null, since: clock.now(), asOf: clock.now(), failures };
        faults.setReachable(state !== 'unavailable', reason);
      },
    };
  };
  const hq = await build('hq');
  const alpha = await build('alpha');
  const runtime: Runtime = {
    config,
    sites,
    events,
    clock,
    jobs: new JobBoard(events, clock, (error) => {
      throw error;
    }),
    openPorts: () => {
      throw new Error('There are no other fabrics here');
    },
    reconfigure: async () => undefined,
    tracer: quietTracer,
    health: () => ({ ready: true, reasons: [] }),
    stop: async () => undefined,
  };
  return {
    runtime,
    clock,
    hq,
    alpha,
    async addHqAsset(id, change = {}, content = Buffer.from(`content of ${id}`)) {
      const file = fileOf(id, content);
      await hq.ports.volumes.put(VOLUMES.assets, `${id}/${file.fileName}`, content);
      const row = {
        ...announcedRow(describe(id), { link: `http://feed.example/${id}.jpg` }, clock.now()),
        file,
        status: 'broadcast' as const,
        ...change,
      };
      await hq.ports.tables.put(TABLES.assets, toDocument(row));
      return row;
    },
    async addEdgeAsset(id, change = {}) {
      const row = {
        ...availableRow(describe(id), fileOf(id, Buffer.from(`content of ${id}`)), clock.now()),
        ...change,
      };
      await alpha.ports.tables.put(TABLES.assets, toDocument(row));
      return row;
    },
    async stop() {
      await Promise.all([...sites.values()].map(({ supervisor }) => supervisor.stop()));
    },
  };
}

/** Runs until it is stopped, and notes what it is woken for. */
function idleService(id: ServiceId, wakes: string[]): ServiceDefinition {
  return {
    id,
    async start() {
      let finish: () => void = () => undefined;
      const done = new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { done, stop: async () => finish(), wake: (reason) => void wakes.push(`${id}: ${reason}`) };
    },
  };
}

async function provision(id: 'hq' | 'alpha', ports: SitePorts): Promise<void> {
  for (const table of Object.values(TABLES)) await ports.tables.ensureTable(table);
  const topics = [
    TOPICS.assetFeed,
    TOPICS.assetDownloaded,
    TOPICS.deadLetter,
    ...servicesOf(id === 'hq' ? 'hq' : 'edge').map(TOPICS.retry),
  ];
  for (const topic of topics) await ports.streams.ensureTopic(topic);
  if (id === 'hq') {
    for (const topic of [TOPICS.assetBroadcast, TOPICS.assetResponse]) await ports.streams.ensureTopic(topic);
    await ports.volumes.ensureVolume(VOLUMES.assets);
    await ports.volumes.ensureVolume(VOLUMES.outbound(DEFAULT_EDGE_ID));
    return;
  }
  for (const topic of [TOPICS.request(DEFAULT_EDGE_ID), TOPICS.receipt(DEFAULT_EDGE_ID)])
    await ports.streams.ensureTopic(topic);
  await ports.volumes.ensureMirror(VOLUMES.inbound, { volume: VOLUMES.outbound(DEFAULT_EDGE_ID), site: HQ_SITE_ID });
  await ports.links?.ensureLink();
}

const describe = (id: string): AssetDescription => ({
  id,
  feed: 'sample',
  sourceId: `source of ${id}`,
  title: `Title of ${id}`,
  kind: 'image',
  keywords: ['Scene'],
});

function fileOf(id: string, content: Buffer): AssetFile {
  return {
    fileName: `${id}.jpg`,
    mediaType: 'image/jpeg',
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    tinyPreview: `data:image/webp;base64,${Buffer.from(`tiny ${id}`).toString('base64')}`,
  };
}
