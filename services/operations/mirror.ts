import type { Mirror } from '@/lib/api/schemas';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import type { Links, MirrorStatus } from '@/lib/ports';
import type { Runtime, SiteRuntime } from '../contract';
import { assetIdOfPath, toMirror } from '../views';
import { edgeOf } from './lookup';

/** What the mirror has brought and what waits. `refresh` asks HQ, over the link. Fails with NOT_FOUND, UNAVAILABLE, TIMEOUT. */
export async function getMirror(runtime: Runtime, siteId: string, options: { refresh: boolean }): Promise<Mirror> {
  const { edge, links } = edgeOf(runtime, siteId);
  return describeMirror(edge, links, await edge.ports.volumes.mirrorStatus(VOLUMES.inbound, options));
}

/** Starts a run. Fails with MIRROR_RUNNING when one is under way, NOT_FOUND, UNAVAILABLE. */
export async function startMirror(runtime: Runtime, siteId: string): Promise<Mirror> {
  const { edge } = edgeOf(runtime, siteId);
  await edge.ports.volumes.startMirror(VOLUMES.inbound);
  return announceMirror(runtime, siteId, 'mirror started');
}

/** Stops the run, if any; what was brought so far is kept. Fails with NOT_FOUND, UNAVAILABLE. */
export async function stopMirror(runtime: Runtime, siteId: string): Promise<Mirror> {
  const { edge } = edgeOf(runtime, siteId);
  await edge.ports.volumes.stopMirror(VOLUMES.inbound);
  return announceMirror(runtime, siteId, 'mirror stopped');
}

async function announceMirror(runtime: Runtime, siteId: string, reason: string): Promise<Mirror> {
  edgeOf(runtime, siteId).edge.supervisor.wake('viewer', reason);
  const mirror = await getMirror(runtime, siteId, { refresh: false });
  runtime.events.publish('mirror', { site: siteId, mirror });
  return mirror;
}

/** The figures with what a person wants to know besides: the titles of what waits, and an estimate. */
export async function describeMirror(edge: SiteRuntime, links: Links, status: MirrorStatus): Promise<Mirror> {
  const ids = [...new Set(status.pending.map(({ path }) => assetIdOfPath(path)).filter((id) => id !== null))];
  const [rows, link] = await Promise.all([
    ids.length > 0
      ? edge.ports.tables.find(TABLES.assets, {
          condition: { $in: { _id: ids } },
          fields: ['asset.title'],
          limit: ids.length,
        })
      : [],
    status.pending.length > 0 ? links.status() : null,
  ]);
  const titles = new Map(rows.map((row) => [row._id, (row.asset as { title?: string } | undefined)?.title ?? row._id]));
  return toMirror(status, { titles, linkBytesPerSecond: link?.estimatedBytesPerSecond ?? null });
}
