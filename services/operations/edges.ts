import type { EdgeAccessInfo, Invitation } from '@/lib/api/schemas';
import { FieldlineError } from '@/lib/errors';
import type { EdgeAccess } from '@/lib/ports';
import type { Runtime } from '../contract';
import { hqOf } from './lookup';

const EVENTS_MAX = 100;
const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** Who may come in at HQ's doors, and what was refused there, newest first. Fails with NOT_FOUND, UNAVAILABLE. */
export async function listEdges(runtime: Runtime, siteId: string): Promise<EdgeAccessInfo> {
  const { edgeAccess } = hqOf(runtime, siteId).ports;
  if (!edgeAccess) return { guarded: false, certificateDaysLeft: null, edges: [], events: [] };
  const [edges, events, certificateDaysLeft] = await Promise.all([
    edgeAccess.list(),
    edgeAccess.events(),
    edgeAccess.certificateDaysLeft(),
  ]);
  return {
    guarded: true,
    certificateDaysLeft,
    edges: edges.map((one) => ({
      ...one,
      enrolledAt: iso(one.enrolledAt),
      revokedAt: iso(one.revokedAt),
      invitedUntil: iso(one.invitedUntil),
      lastSignInAt: iso(one.lastSignInAt),
    })),
    events: events
      .slice(-EVENTS_MAX)
      .reverse()
      .map(({ at, kind, principal, address, door, what, count }) => ({
        ...{ kind, principal, address, door, what, count },
        at: new Date(at).toISOString(),
      })),
  };
}

/** A token for an edge, told once. Fails with NOT_FOUND, CONFLICT, UNAVAILABLE; with UNSUPPORTED where the doors are open. */
export async function inviteEdge(runtime: Runtime, siteId: string, edge: string): Promise<Invitation> {
  const { token, expiresAt } = await accessOf(runtime, siteId).invite(edge);
  return { edge, token, expiresAt: new Date(expiresAt).toISOString() };
}

/** Takes a credential back, at once. Fails with NOT_FOUND, UNAVAILABLE; with UNSUPPORTED where the doors are open. */
export async function revokeEdge(runtime: Runtime, siteId: string, edge: string): Promise<EdgeAccessInfo> {
  await accessOf(runtime, siteId).revoke(edge);
  return listEdges(runtime, siteId);
}

function accessOf(runtime: Runtime, siteId: string): EdgeAccess {
  const { edgeAccess } = hqOf(runtime, siteId).ports;
  if (edgeAccess) return edgeAccess;
  throw new FieldlineError('UNSUPPORTED', 'The doors of this HQ ask nobody who comes', {
    remedy: 'Start HQ with --fabric-host 0.0.0.0 and --advertised-host, or with --fabric-access credentials',
  });
}
