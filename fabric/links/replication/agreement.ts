/**
 * Do both logs hold the same records up to an offset? Offsets alone do not say: an HQ that was restored from a backup and written on
 * may have as many records as the edge expects. Times do, without carrying a record over the link: the first record that is as late as
 * our last one must be where we have it.
 */
import { batchHeaderAt } from '@/fabric/kafka/record-batch';
import { FieldlineError } from '@/lib/errors';
import type { PartitionLog } from '../../log/types';
import {
  EARLIEST,
  type KafkaCluster,
  LATEST,
  type PartitionPlace,
  placeKey,
  type RemoteTopic,
} from '../client/cluster';

export interface RemoteRange {
  earliest: number;
  end: number;
}

/** First offset and end of each place at the upstream, by `placeKey`. */
export async function remoteRanges(
  cluster: KafkaCluster,
  topics: ReadonlyMap<string, RemoteTopic>,
  places: readonly PartitionPlace[],
): Promise<Map<string, RemoteRange>> {
  const ask = async (timestamp: number) => {
    const found = await cluster.offsets(
      topics,
      places.map(({ topic, partition }) => ({ topic, partition, timestamp })),
    );
    return new Map(found.map((entry) => [placeKey(entry), entry.offset]));
  };
  // The end last: what is deleted or added between the two then looks like nothing worse than it is.
  const earliest = await ask(EARLIEST);
  const latest = await ask(LATEST);
  return new Map(
    places.map((place) => {
      const key = placeKey(place);
      const end = latest.get(key);
      if (end === undefined) throw new FieldlineError('PROTOCOL', `HQ did not tell the end of ${key}`);
      return [key, { earliest: earliest.get(key) ?? 0, end }];
    }),
  );
}

export interface Prefix extends PartitionPlace {
  log: PartitionLog;
  remote: RemoteRange;
  /** Both sides claim to hold everything below. */
  end: number;
}

/** Fails with LINK_DIVERGED where a record below `end` is not the same on both sides. */
export async function assertAgreement(
  cluster: KafkaCluster,
  topics: ReadonlyMap<string, RemoteTopic>,
  prefixes: readonly Prefix[],
): Promise<void> {
  const asked: (Prefix & { timestamp: number })[] = [];
  for (const prefix of prefixes) {
    const last = prefix.end - 1;
    // Where retention has taken the last common record from either side there is nothing to compare.
    if (last < prefix.log.logStart || last < prefix.remote.earliest || last < 0) continue;
    const timestamp = await latestTimeOfBatchAt(prefix.log, last);
    if (timestamp !== null && timestamp >= 0) asked.push({ ...prefix, timestamp });
  }
  if (asked.length === 0) return;
  const answers = new Map((await cluster.offsets(topics, asked)).map((answer) => [placeKey(answer), answer]));
  for (const prefix of asked) {
    const answer = answers.get(placeKey(prefix));
    if (!answer) throw new FieldlineError('PROTOCOL', `HQ did not answer about ${placeKey(prefix)}`);
    // A record as late as ours beyond the common part: ours itself is not there.
    if (answer.offset < 0 || answer.offset >= prefix.end) throw diverged(prefix);
    if (answer.offset < prefix.log.logStart) continue;
    const here = await latestTimeOfBatchAt(prefix.log, answer.offset);
    if (here !== null && answer.timestamp > here) throw diverged(prefix);
  }
}

async function latestTimeOfBatchAt(log: PartitionLog, offset: number): Promise<number | null> {
  return batchHeaderAt(await log.read(offset, 1))?.maxTimestamp ?? null;
}

function diverged(prefix: Prefix): FieldlineError {
  return new FieldlineError(
    'LINK_DIVERGED',
    `${prefix.topic} (partition ${prefix.partition}) does not hold the same records here and at HQ below offset ${prefix.end}`,
    {
      remedy:
        'One side was restored or rebuilt. Decide which is right, delete the topic on the other side, and resume the link',
      details: { topic: prefix.topic, partition: prefix.partition, end: prefix.end },
    },
  );
}
