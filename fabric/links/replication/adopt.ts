/** A site that was rebuilt, or restored from a copy, finds its own records at HQ: it takes them back, and goes on behind them. */
import { KAFKA_ERROR } from '@/fabric/kafka/codec';
import { parseBatches, wholeBatches } from '@/fabric/kafka/record-batch';
import { FieldlineError } from '@/lib/errors';
import { type KafkaCluster, kafkaError, placeKey, type RemoteTopic, VERSION } from '../client/cluster';
import type { CarriedPartition, LinkContext } from '../context';
import { assertAgreement, type RemoteRange } from './agreement';
import { placeholders } from './placeholders';

const FETCH_BYTES = 64 * 1024;

/**
 * Brings HQ's records of this site's own topic back: of an empty one, or behind what a restored copy holds, which has to be the same at HQ.
 * Fails with LINK_DIVERGED otherwise.
 */
export async function adopt(
  context: LinkContext,
  cluster: KafkaCluster,
  topics: ReadonlyMap<string, RemoteTopic>,
  place: CarriedPartition & { remote: RemoteRange },
): Promise<void> {
  const { log, remote } = place;
  const { restored = false } = context.record();
  if (restored && log.highWatermark > 0) await assertAgreement(cluster, topics, [{ ...place, end: log.highWatermark }]);
  else if (log.highWatermark > 0)
    throw new FieldlineError(
      'LINK_DIVERGED',
      `HQ has ${placeKey(place)} up to offset ${remote.end}, this site only up to ${log.highWatermark}: this site lost records, or another site uses its id`,
      {
        remedy: 'Make sure that no other site has this id; then delete the topic at HQ and resume the link',
        details: { topic: place.topic, remoteEnd: remote.end, localEnd: log.highWatermark },
      },
    );
  context.log.info(`Taking back ${placeKey(place)} from HQ`, { from: remote.earliest, until: remote.end });
  const lane = new AbortController();
  const connection = await cluster.openLane(place.leader, lane.signal);
  try {
    const from = Math.max(remote.earliest, log.highWatermark);
    for (let at = from; at < remote.end; at = log.highWatermark) {
      const response = await connection.request('Fetch', VERSION.Fetch, {
        replicaId: -1,
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: FETCH_BYTES,
        topics: [
          {
            name: place.topic,
            partitions: [{ index: place.partition, fetchOffset: at, partitionMaxBytes: FETCH_BYTES }],
          },
        ],
      });
      const answer = response.topics[0]?.partitions[0];
      if (!answer || answer.errorCode !== KAFKA_ERROR.NONE)
        throw kafkaError(answer?.errorCode ?? KAFKA_ERROR.UNKNOWN_SERVER_ERROR, `a fetch of ${placeKey(place)}`);
      const records = wholeBatches(answer.records ?? Buffer.alloc(0));
      if (parseBatches(records).length === 0)
        throw new FieldlineError('UNAVAILABLE', `HQ gave no records of ${placeKey(place)} at offset ${at}`);
      await log.appendReplica(records);
    }
  } finally {
    connection.close();
  }
  // All of them expired at HQ: only the place to go on is left.
  if (log.highWatermark < remote.end) {
    const [last] = placeholders(remote.end - 1, remote.end, context.clock.now());
    await log.appendReplica(last!.bytes);
  }
}
