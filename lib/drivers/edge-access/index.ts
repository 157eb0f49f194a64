/** Who may come in at an embedded HQ's doors, over its admin REST door (`access/*`, an extension of the embedded fabric). */
import { z } from 'zod';
import { linkGroup, TOPICS, VOLUMES } from '@/lib/domain/naming';
import { HttpClient, type HttpClientOptions } from '@/lib/http';
import type { EdgeAccess } from '@/lib/ports';
import { adminCall } from '../admin-rest/client';
import { kafkaTopic, streamPrefix } from '../kafka/naming';

const TOTAL_TIMEOUT_MS = 10_000;

export interface EdgeAccessOptions extends Pick<HttpClientOptions, 'auth' | 'ca' | 'serverName'> {
  /** HQ's REST door. */
  baseUrl: string;
  mission: string;
}

const time = z.number().nullable();
const EdgeSchema = z.object({
  edge: z.string(),
  enrolledAt: time,
  revokedAt: time,
  invitedUntil: time,
  lastSignInAt: time,
  lastAddress: z.string().nullable(),
});
const EventSchema = z.object({
  seq: z.number(),
  run: z.string(),
  at: z.number(),
  kind: z.enum(['refused', 'sign-in failed', 'invited', 'enrolled', 'enrolment failed', 'revoked']),
  principal: z.string(),
  address: z.string(),
  door: z.enum(['kafka', 'rest']),
  what: z.string(),
  count: z.number(),
});
const InvitedSchema = z.object({ token: z.string(), expiresAt: z.number() });

/** What an edge may do at HQ: read what is broadcast, write and read its own topics, commit its link's group, read its own volume. */
const grantsOf = (mission: string, edge: string) => ({
  read: [kafkaTopic(mission, TOPICS.assetBroadcast), kafkaTopic(mission, TOPICS.assetResponse)],
  write: [`${streamPrefix(mission, 'replicated')}*.${edge}`],
  groups: [linkGroup(edge)],
  volumes: [`${mission}.${VOLUMES.outbound(edge)}`],
});

/** Nothing is connected yet. */
export function createEdgeAccess({ baseUrl, mission, auth, ca, serverName }: EdgeAccessOptions): EdgeAccess {
  const client = new HttpClient({ baseUrl, auth, ca, serverName, totalTimeoutMs: TOTAL_TIMEOUT_MS });
  return {
    list: async () => z.array(EdgeSchema).parse(await adminCall(client, 'GET', 'access/edge/list')),
    invite: async (edge, { lifetimeMs } = {}) => {
      const json = { edge, mission, grants: grantsOf(mission, edge), ...(lifetimeMs !== undefined && { lifetimeMs }) };
      const [row] = await adminCall(client, 'POST', 'access/edge/invite', {}, { json });
      return InvitedSchema.parse(row);
    },
    revoke: async (edge) => {
      await adminCall(client, 'POST', 'access/edge/revoke', { edge });
    },
    events: async (after) =>
      z
        .array(EventSchema)
        .parse(await adminCall(client, 'GET', 'access/events', after && { after: after.seq, run: after.run })),
    certificateDaysLeft: async () => {
      const [row] = await adminCall(client, 'GET', 'access/certificate');
      return z.object({ daysLeft: z.number() }).optional().parse(row)?.daysLeft ?? null;
    },
    close: async () => client.close(),
  };
}
