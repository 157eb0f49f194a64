/** What HQ knows of edges that other processes host: their topics are in the replicated stream, and their links commit how far they are. */
import { z } from 'zod';
import { edgeOfTopic, linkGroup, TOPICS } from '@/lib/domain/naming';
import type { Streams } from '@/lib/ports';

export interface RemoteEdge {
  id: string;
  /** When the edge's link last reported; null: never. */
  lastSeenAt: string | null;
  /** Records of HQ that the link has not brought over by then; null while it never reported. */
  lagRecords: number | null;
}

/** What an edge's link attaches to its commits (fabric/links); more may be in it. */
const Telemetry = z.object({ asOf: z.iso.datetime() });
/** What a link brings to an edge. */
const BROUGHT = [TOPICS.assetBroadcast, TOPICS.assetResponse];

/** Every edge that has a topic at HQ, by id. Fails with UNAVAILABLE. */
export async function remoteEdges(streams: Streams): Promise<RemoteEdge[]> {
  const topics = await streams.topics('replicated');
  const ids = new Set(topics.map(({ ref }) => edgeOfTopic(ref.topic)).filter((id) => id !== null));
  return Promise.all([...ids].sort().map((id) => describe(streams, id)));
}

async function describe(streams: Streams, id: string): Promise<RemoteEdge> {
  const commits = await streams.commits(linkGroup(id), BROUGHT);
  const reports = commits.map(({ metadata }) => reportedAt(metadata)).filter((at) => at !== null);
  if (reports.length === 0) return { id, lastSeenAt: null, lagRecords: null };
  const lag = await streams.lag(linkGroup(id), BROUGHT);
  return {
    id,
    lastSeenAt: reports.reduce((latest, at) => (at > latest ? at : latest)),
    lagRecords: lag.reduce((sum, { records }) => sum + records, 0),
  };
}

/** ISO 8601 UTC; null for metadata of another form, as any client may commit under any group. */
function reportedAt(metadata: string): string | null {
  let json: unknown;
  try {
    json = JSON.parse(metadata);
  } catch {
    return null;
  }
  const parsed = Telemetry.safeParse(json);
  return parsed.success ? new Date(parsed.data.asOf).toISOString() : null;
}
