/** HQ's topics to this site: raw fetches, appended verbatim under the same offsets. The next offset is the local log's own end. */

import { BufferPool } from '@/fabric/kafka/buffer-pool';
import { KAFKA_ERROR, type ResponseOf } from '@/fabric/kafka/codec';
import { type BatchHeader, parseBatches, wholeBatches } from '@/fabric/kafka/record-batch';
import { FieldlineError } from '@/lib/errors';
import { groupBy, type KafkaCluster, kafkaError, placeKey, type RemoteTopic, VERSION } from '../client/cluster';
import { SILENCE_MS_MAX } from '../client/connection';
import type { Attempt, CarriedPartition, LinkContext } from '../context';
import { isExact } from '../patterns';
import { assertAgreement, type RemoteRange, remoteRanges } from './agreement';
import { AdaptiveSize } from './figures';
import { inboundTopics } from './inbound-topics';
import { inRound } from './round';

/** HQ answers an empty fetch after this: long, since it costs the link; it is also the pulse of the connection. */
const FETCH_WAIT_MS = 5_000;
/** The largest is what a buffer of the pool holds (4 MiB), less what an answer has around its records. */
const FETCH_SIZE = { startBytes: 64 * 1024, minBytes: 4 * 1024, maxBytes: (4 * 1024 - 64) * 1024 };
/** How often HQ is asked for new topics: often while one that was named is missing, seldom otherwise, since it costs the link. */
const DISCOVERY_MISSING_MS = 2_000;
const DISCOVERY_MS = 20_000;

interface InboundPartition extends CarriedPartition {
  /** End of the upstream's log, as of the last answer. */
  remoteEnd: number;
}

export class Inbound {
  readonly #context: LinkContext;
  readonly #size = new AdaptiveSize(FETCH_SIZE);
  /** For what HQ answers: one travels while another is written. */
  readonly #pool = new BufferPool();

  constructor(context: LinkContext) {
    this.#context = context;
  }

  /** Carries until something fails (then it throws) or HQ's topics change (then it returns). */
  async carry(attempt: Attempt): Promise<void> {
    await inRound(this.#context, attempt, async ({ cluster, signal, carry }) => {
      const topics = await this.#discover(cluster);
      const partitions = await this.#partitions(cluster, topics);
      attempt.connected();
      this.#reportLag(partitions);
      await carry(
        partitions,
        (leader, group) => this.#fetch(cluster, leader, group, partitions, signal),
        this.#watch(cluster, topics, signal),
      );
    });
  }

  /** The upstream's topics that this direction carries, each with its local replica. */
  async #discover(cluster: KafkaCluster): Promise<Map<string, RemoteTopic>> {
    const topics = await inboundTopics(this.#context, cluster);
    for (const topic of topics.values()) await this.#ensureReplica(topic.name, topic.leaders.length);
    return topics;
  }

  async #ensureReplica(name: string, partitions: number): Promise<void> {
    const { store } = this.#context;
    const local = store.get(name);
    if (!local) {
      await store.create(name, { partitions, replica: true });
      return;
    }
    if (!local.replica) {
      for (let partition = 0; partition < local.partitions; partition++)
        if ((store.partition(name, partition)?.highWatermark ?? 0) > 0)
          throw new FieldlineError('LINK_DIVERGED', `${name} was written here, but it is HQ's topic`, {
            remedy: "Bring HQ's topics anew: what was written here is not HQ's",
            details: { topic: name },
          });
      await store.setReplica(name, true);
    }
    if (local.partitions < partitions) await store.addPartitions(name, partitions);
  }

  /** Where each partition goes on. Fails with LINK_DIVERGED where HQ's log is not the one that was brought so far. */
  async #partitions(cluster: KafkaCluster, topics: Map<string, RemoteTopic>): Promise<InboundPartition[]> {
    const { store } = this.#context;
    const places = [...topics.values()].flatMap((topic) =>
      topic.leaders.map((leader, partition) => ({ topic: topic.name, partition, leader })),
    );
    if (places.length === 0) return [];
    const ranges = await remoteRanges(cluster, topics, places);
    const partitions = places.map((place) => {
      const log = store.partition(place.topic, place.partition);
      if (!log) throw new FieldlineError('UNAVAILABLE', `${placeKey(place)} is being created`);
      const remote = ranges.get(placeKey(place))!;
      return {
        ...place,
        log,
        remote,
        next: this.#start(place.topic, log.highWatermark, remote),
        remoteEnd: remote.end,
      };
    });
    await assertAgreement(
      cluster,
      topics,
      partitions.map((partition) => ({ ...partition, end: partition.log.highWatermark })),
    );
    return partitions;
  }

  #start(topic: string, localEnd: number, remote: RemoteRange): number {
    const { clock, figures, log } = this.#context;
    if (remote.end < localEnd)
      throw new FieldlineError(
        'LINK_DIVERGED',
        `HQ has ${topic} only up to offset ${remote.end}, but ${localEnd} were brought here: HQ lost records or was rebuilt`,
        {
          remedy:
            'If HQ was restored from a copy, bring its topics anew; else restore HQ to what it was, and resume the link',
          details: { topic, remoteEnd: remote.end, localEnd },
        },
      );
    if (remote.earliest <= localEnd) return localEnd;
    const lost = remote.earliest - localEnd;
    const text = `${lost} records of ${topic} were deleted by retention at HQ before they could be brought`;
    // A first connection brings what there is: nothing was promised before.
    if (localEnd > 0) {
      figures.inbound.lost(lost, text, clock.now());
      log.warn(text, { topic, from: localEnd, to: remote.earliest });
    }
    return remote.earliest;
  }

  /** Resolves when HQ has other topics, partitions or leaders than `known`. */
  async #watch(cluster: KafkaCluster, known: Map<string, RemoteTopic>, signal: AbortSignal): Promise<void> {
    const { clock, upstream } = this.#context;
    const patterns = this.#context.record().inbound ?? [];
    const shape = (topics: Map<string, RemoteTopic>) => JSON.stringify([...topics].sort());
    const missing = patterns.filter(isExact).length > known.size;
    for (;;) {
      await clock.sleep(missing ? DISCOVERY_MISSING_MS : DISCOVERY_MS, signal);
      const now = await inboundTopics(this.#context, cluster);
      upstream.seen();
      if (shape(now) !== shape(known)) return;
    }
  }

  async #fetch(
    cluster: KafkaCluster,
    leader: number,
    mine: InboundPartition[],
    all: InboundPartition[],
    signal: AbortSignal,
  ): Promise<void> {
    const { upstream } = this.#context;
    const connection = await cluster.openLane(leader, signal, (sizeBytes) => this.#pool.take(sizeBytes));
    let appended: Promise<void> = Promise.resolve();
    try {
      for (;;) {
        const maxBytes = this.#size.bytes;
        const response = await connection.request(
          'Fetch',
          VERSION.Fetch,
          {
            replicaId: -1,
            maxWaitMs: FETCH_WAIT_MS,
            minBytes: 1,
            maxBytes,
            topics: [...groupBy(mine, (partition) => partition.topic)].map(([name, partitions]) => ({
              name,
              partitions: partitions.map((partition) => ({
                index: partition.partition,
                fetchOffset: partition.next,
                partitionMaxBytes: maxBytes,
              })),
            })),
          },
          FETCH_WAIT_MS + SILENCE_MS_MAX,
        );
        const { answerLiesIn } = connection;
        upstream.seen();
        // One append at a time; the next fetch travels while it is flushed.
        await appended;
        const work = this.#take(response, mine);
        this.#size.observe(
          work.reduce((sum, piece) => sum + piece.records.length, 0),
          connection.transferMs,
        );
        appended = this.#append(work, all, answerLiesIn);
        // Awaited above in the next turn; a failure in between must not go unhandled.
        appended.catch(() => undefined);
      }
    } catch (error) {
      if (connection.receiving) this.#size.shrink();
      throw error;
    } finally {
      await appended;
    }
  }

  /** What an answer brought, by partition; moves `next`. */
  #take(response: ResponseOf<'Fetch'>, mine: InboundPartition[]): Piece[] {
    if (response.errorCode !== KAFKA_ERROR.NONE) throw kafkaError(response.errorCode, 'a fetch');
    const byKey = new Map(mine.map((partition) => [placeKey(partition), partition]));
    const pieces: Piece[] = [];
    for (const topic of response.topics)
      for (const answer of topic.partitions) {
        const partition = byKey.get(placeKey({ topic: topic.name, partition: answer.index }));
        if (!partition) continue;
        if (answer.errorCode !== KAFKA_ERROR.NONE)
          throw kafkaError(answer.errorCode, `a fetch of ${placeKey(partition)}`);
        partition.remoteEnd = answer.highWatermark;
        const records = wholeBatches(answer.records ?? Buffer.alloc(0));
        const headers = parseBatches(records).map((batch) => batch.header);
        const last = headers.at(-1);
        if (!last) continue;
        partition.next = Math.max(partition.next, last.lastOffset + 1);
        pieces.push({ partition, records, headers });
      }
    return pieces;
  }

  async #append(pieces: Piece[], all: InboundPartition[], liesIn: Buffer | null): Promise<void> {
    const { figures } = this.#context;
    await Promise.all(pieces.map((piece) => piece.partition.log.appendReplica(piece.records)));
    // On the disk by now. After a failure one of them may still be written from it: then it is left to the garbage collector.
    if (liesIn) this.#pool.give(liesIn);
    for (const { records, headers } of pieces)
      figures.inbound.carried(
        headers.reduce((sum, header) => sum + header.recordCount, 0),
        records.length,
      );
    this.#reportLag(all, pieces);
  }

  #reportLag(partitions: InboundPartition[], pieces: Piece[] = []): void {
    const { clock, figures } = this.#context;
    let records = 0;
    for (const partition of partitions) records += Math.max(0, partition.remoteEnd - partition.next);
    const newest = Math.max(0, ...pieces.flatMap((piece) => piece.headers.map((header) => header.maxTimestamp)));
    // What waits is younger than what came last.
    figures.inbound.lag(records, null, newest === 0 ? figures.inbound.lagMs : Math.max(0, clock.now() - newest));
  }
}

interface Piece {
  partition: InboundPartition;
  records: Buffer;
  headers: BatchHeader[];
}
