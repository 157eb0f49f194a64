/**
 * What the line can carry, where nothing that went over it has shown that yet: a field team wants to know what files cost before it asks for
 * them. Something that is here already is fetched once more, and thrown away.
 */
import { type KafkaCluster, type PartitionPlace, VERSION } from './client/cluster';
import type { Dialer } from './types';

/** What it costs at most: so many bytes, and of a thin line this long. */
const FETCH_BYTES = 64 * 1024;
const FETCH_MS_MAX = 500;
/** As many of the last records; announcements of assets have some 3 kB. */
const RECORDS = 64;
/** A line that is known to carry this is quick enough for any estimate. */
const PLENTY_BYTES_PER_SECOND = 1024 * 1024;

/** False where the figures say enough already, or the conditioner decides. */
export function isWorthGauging(dialer: Dialer): boolean {
  const { estimatedBytesPerSecond, provenBytesPerSecond } = dialer.traffic();
  if (dialer.conditions().bytesPerSecond !== null || estimatedBytesPerSecond !== null) return false;
  return (provenBytesPerSecond ?? 0) < PLENTY_BYTES_PER_SECOND;
}

/**
 * Fetches the last records of the fullest of the places, each with the offset up to which it is here; the dialer's figures know the line
 * then. False where there is nothing to fetch. Fails as the cluster does.
 */
export async function gauge(
  cluster: KafkaCluster,
  places: readonly (PartitionPlace & { offset: number })[],
  signal: AbortSignal,
): Promise<boolean> {
  const [fullest] = [...places].sort((a, b) => b.offset - a.offset);
  if (!fullest || fullest.offset === 0) return false;
  const { topic, partition, offset } = fullest;
  const leader = (await cluster.topics([topic])).get(topic)?.leaders[partition];
  if (leader === undefined) return false;
  const enough = new AbortController();
  const lane = await cluster.openLane(leader, AbortSignal.any([signal, enough.signal]));
  const timer = setTimeout(() => enough.abort(), FETCH_MS_MAX);
  try {
    const from = Math.max(0, offset - RECORDS);
    const partitions = [{ index: partition, fetchOffset: from, partitionMaxBytes: FETCH_BYTES }];
    const wanted = { replicaId: -1, maxWaitMs: 0, minBytes: 0, maxBytes: FETCH_BYTES };
    await lane.request('Fetch', VERSION.Fetch, { ...wanted, topics: [{ name: topic, partitions }] });
  } catch (error) {
    // What came of it until then was counted.
    if (!enough.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    lane.close();
  }
  return true;
}
