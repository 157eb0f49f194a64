/**
 * What the line can carry, where nothing that went over it has shown that yet: a field team wants to know what files cost before it asks for
 * them. Something that is here already is fetched once more, and thrown away: little, since the line may be thin.
 */
import { type KafkaCluster, type PartitionPlace, VERSION } from './client/cluster';
import type { Dialer } from './types';

/** The last record first, which is some 3 kB: of a thin line that says enough. */
const FIRST = { records: 1, bytes: 4 * 1024 };
/** A line that brought that so soon is asked for more. */
const QUICK_MS = 100;
const SECOND = { records: 64, bytes: 64 * 1024 };
/** However large what comes is, it is cut off after this. */
const FETCH_MS_MAX = 500;
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
  const bring = ({ records, bytes }: typeof FIRST) => {
    const from = Math.max(0, offset - records);
    const partitions = [{ index: partition, fetchOffset: from, partitionMaxBytes: bytes }];
    const wanted = { replicaId: -1, maxWaitMs: 0, minBytes: 0, maxBytes: bytes };
    return lane.request('Fetch', VERSION.Fetch, { ...wanted, topics: [{ name: topic, partitions }] });
  };
  const timer = setTimeout(() => enough.abort(), FETCH_MS_MAX);
  try {
    const begun = performance.now();
    await bring(FIRST);
    if (performance.now() - begun < QUICK_MS) await bring(SECOND);
  } catch (error) {
    // What came of it until then was counted.
    if (!enough.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    lane.close();
  }
  return true;
}
