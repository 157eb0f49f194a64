import type { EventPayload } from '@/lib/api/schemas';
import { TABLES } from '@/lib/domain/naming';
import type { Runtime, SiteRuntime } from '../contract';
import { toAssetSummary, toLink } from '../views';
import { getMirror } from './mirror';
import { listSites, whileAvailable } from './sites';

/** Assets of each site in a snapshot: what a page's live stream shows at first. */
export const RECENT_ASSETS_MAX = 40;

export type Snapshot = EventPayload<'snapshot'>;
/** Clients that ask at the same time (a server that comes back has all of them) share one reading. */
const underWay = new WeakMap<Runtime, Map<string, Promise<Snapshot>>>();

/** All that the pages show, of every hosted site or of one. What a fabric that is down does not tell is left out. */
export function takeSnapshot(runtime: Runtime, siteId?: string): Promise<Snapshot> {
  const readings = underWay.get(runtime) ?? new Map<string, Promise<Snapshot>>();
  underWay.set(runtime, readings);
  const key = siteId ?? '';
  const running = readings.get(key);
  if (running) return running;
  const reading = read(runtime, siteId).finally(() => readings.delete(key));
  readings.set(key, reading);
  return reading;
}

async function read(runtime: Runtime, siteId: string | undefined): Promise<Snapshot> {
  const sites = [...runtime.sites.values()].filter((site) => siteId === undefined || site.id === siteId);
  const edges = sites.filter((site) => site.role === 'edge');
  const [all, links, mirrors, recent] = await Promise.all([
    listSites(runtime),
    byId(edges, async (edge) => (edge.ports.links ? toLink(await edge.ports.links.status()) : null)),
    byId(edges, (edge) => getMirror(runtime, edge.id, { refresh: false })),
    byId(sites, recentAssets),
  ]);
  return { sites: all, services: sites.flatMap((site) => site.supervisor.list()), links, mirrors, recent };
}

async function byId<T>(
  sites: readonly SiteRuntime[],
  readOne: (site: SiteRuntime) => Promise<T | null>,
): Promise<Record<string, T>> {
  const found: Record<string, T> = {};
  const readings = sites.map(async (site) => {
    const value = await whileAvailable(site, () => readOne(site));
    if (value !== null) found[site.id] = value;
  });
  await Promise.all(readings);
  return found;
}

async function recentAssets(site: SiteRuntime) {
  const rows = await site.ports.tables.find(TABLES.assets, {
    orderBy: [
      { field: 'updatedAt', direction: 'desc' },
      { field: '_id', direction: 'desc' },
    ],
    limit: RECENT_ASSETS_MAX,
  });
  return rows.map((row) => toAssetSummary(site.id, site.role, row));
}
