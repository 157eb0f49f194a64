import type { Site, Sites } from '@/lib/api/schemas';
import { HQ_SITE_ID } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import type { Runtime, SiteRuntime } from '../contract';
import { isoTime } from '../rows';
import { statusCounts } from './assets';
import { type RemoteEdge, remoteEdges } from './remote-edges';

/** HQ's last knowledge of the edges elsewhere, kept for while HQ's fabric does not answer: an edge does not vanish with it. */
const lastKnown = new WeakMap<Runtime, RemoteEdge[]>();

/** The sites of the mission: those hosted here, then those that are known of. Never fails because a fabric is down: that is what it says. */
export async function listSites(runtime: Runtime): Promise<Sites> {
  const hosted = [...runtime.sites.values()];
  const [here, elsewhere] = await Promise.all([
    Promise.all(hosted.map((site) => describeHosted(runtime, site))),
    describeElsewhere(runtime),
  ]);
  return { mission: runtime.config.mission, demo: runtime.config.demo, sites: [...here, ...elsewhere] };
}

/** A site that this process hosts. */
export async function describeHosted(runtime: Runtime, site: SiteRuntime): Promise<Site> {
  const health = site.fabricHealth();
  return {
    id: site.id,
    role: site.role,
    hosted: true,
    fabric: {
      kind: site.config.fabric.kind,
      state: health.state,
      reason: health.reason,
      since: health.since === null ? null : isoTime(health.since),
    },
    remote: null,
    counts: await whileAvailable(site, () => statusCounts(site)),
    asOf: isoTime(runtime.clock.now()),
  };
}

/** What `read` gives, or null while the site's fabric does not answer. Other failures pass: they are bugs, not weather. */
export async function whileAvailable<T>(site: SiteRuntime, read: () => Promise<T>): Promise<T | null> {
  if (site.fabricHealth().state === 'unavailable') return null;
  try {
    return await read();
  } catch (error) {
    if (error instanceof FieldlineError && error.retriable) return null;
    throw error;
  }
}

async function describeElsewhere(runtime: Runtime): Promise<Site[]> {
  const hq = [...runtime.sites.values()].find((site) => site.role === 'hq');
  return hq ? describeRemoteEdges(runtime, hq) : describeRemoteHq(runtime);
}

async function describeRemoteEdges(runtime: Runtime, hq: SiteRuntime): Promise<Site[]> {
  const fresh = await whileAvailable(hq, () => remoteEdges(hq.ports.streams));
  if (fresh) lastKnown.set(runtime, fresh);
  const edges = fresh ?? lastKnown.get(runtime) ?? [];
  return edges
    .filter(({ id }) => !runtime.sites.has(id))
    .map(({ id, lastSeenAt, lagRecords }) => remoteSite(runtime, id, 'edge', 'unknown', { lastSeenAt, lagRecords }));
}

/** An edge's process knows HQ by its link only; of several edges here, the one that heard of HQ last. */
async function describeRemoteHq(runtime: Runtime): Promise<Site[]> {
  const statuses = await Promise.all(
    [...runtime.sites.values()].map((edge) =>
      whileAvailable(edge, async () => (await edge.ports.links?.status()) ?? null),
    ),
  );
  const latest = statuses
    .filter((status) => status !== null)
    .sort((a, b) => (b.lastSeenAt ?? 0) - (a.lastSeenAt ?? 0))[0];
  if (!latest) return [remoteSite(runtime, HQ_SITE_ID, 'hq', 'unknown', { lastSeenAt: null, lagRecords: null })];
  const { inbound, outbound, lastSeenAt } = latest;
  const words = [inbound.state, outbound.state];
  const state = words.includes('up') ? 'ok' : words.includes('down') ? 'unavailable' : 'unknown';
  const seen = lastSeenAt === null ? null : isoTime(lastSeenAt);
  const reason = state === 'unavailable' ? (inbound.lastError ?? outbound.lastError) : null;
  return [remoteSite(runtime, HQ_SITE_ID, 'hq', state, { lastSeenAt: seen, lagRecords: inbound.lagRecords }, reason)];
}

function remoteSite(
  runtime: Runtime,
  id: string,
  role: Site['role'],
  state: Site['fabric']['state'],
  remote: NonNullable<Site['remote']>,
  reason: string | null = null,
): Site {
  const asOf = isoTime(runtime.clock.now());
  return { id, role, hosted: false, fabric: { kind: null, state, reason, since: null }, remote, counts: null, asOf };
}
