/**
 * This site's topics to HQ, under the same offsets: batches go on at the end of HQ's log, as an idempotent producer whose sequence
 * number is the offset. A late duplicate from a connection that died (its bytes may still be under way) has a sequence number that HQ
 * has seen, and is refused by any Kafka broker: it can never shift what follows.
 */
import { setMaxListeners } from 'node:events';
import { FieldlineError } from '@/lib/errors';
import type { TopicMeta } from '../../log/types';
import { type KafkaCluster, placeKey, type RemoteTopic } from '../client/cluster';
import type { Attempt, CarriedPartition, LinkContext } from '../context';
import { matches, topicPrefix } from '../patterns';
import { adopt } from './adopt';
import { assertAgreement, type RemoteRange, remoteRanges } from './agreement';
import { AdaptiveSize } from './figures';
import { OutboundPump } from './pump';
import { raceAll } from './race';
import { inRound } from './round';
import { type ProducerIdentity, Sender } from './sender';

const SEND_SIZE = { startBytes: 32 * 1024, minBytes: 4 * 1024, maxBytes: 2 * 1024 * 1024 };
/** After this many refused sequence numbers in a row HQ has forgotten us, or knows another under our id. */
const SEQUENCE_TROUBLES_MAX = 2;

export class Outbound {
  readonly #context: LinkContext;
  readonly #size = new AdaptiveSize(SEND_SIZE);
  #partitions: CarriedPartition[] = [];
  #sequenceTroubles = 0;

  constructor(context: LinkContext) {
    this.#context = context;
  }

  /** Carries until something fails (then it throws) or the local topics change (then it returns). */
  async carry(attempt: Attempt): Promise<void> {
    await inRound(this.#context, attempt, async ({ cluster, signal, carry }) => {
      // From here on: a topic that comes while HQ is asked is a change too.
      const changed = this.#watch(signal);
      const topics = await this.#ensureRemote(cluster);
      const partitions = await this.#agree(cluster, topics);
      if (this.#context.record().restored) await this.#context.update({ restored: false });
      const identity = await this.#identity(cluster);
      this.#partitions = partitions;
      this.#context.upstream.seen();
      attempt.connected();
      await carry(partitions, (leader, group) => this.#send(cluster, leader, group, identity, signal), changed);
    });
  }

  /** What waits, from the local log alone: also while HQ is out of reach. */
  async reportLag(): Promise<void> {
    const { clock, figures, store } = this.#context;
    const acknowledged = this.acknowledged();
    let records = 0;
    let bytes = 0;
    let oldest = Number.POSITIVE_INFINITY;
    let unknown = false;
    for (const meta of this.#localTopics())
      for (let partition = 0; partition < meta.partitions; partition++) {
        const log = store.partition(meta.name, partition);
        if (!log) continue;
        const place = placeKey({ topic: meta.name, partition });
        const at = Math.max(acknowledged[place] ?? 0, log.logStart);
        if (acknowledged[place] === undefined && log.highWatermark > 0) unknown = true;
        if (at >= log.highWatermark) continue;
        records += log.highWatermark - at;
        bytes += log.bytesFrom(at);
        oldest = Math.min(oldest, (await log.timestampAt(at)) ?? oldest);
      }
    // Never connected, but records are there: how many of them HQ has already is not known.
    if (unknown && this.#partitions.length === 0) figures.outbound.unknown();
    else
      figures.outbound.lag(records, bytes, Number.isFinite(oldest) ? Math.max(0, Math.round(clock.now() - oldest)) : 0);
  }

  /** Offsets below which HQ has everything, by place. */
  acknowledged(): Record<string, number> {
    const known = { ...this.#context.record().acknowledged };
    for (const partition of this.#partitions) known[placeKey(partition)] = partition.next;
    return known;
  }

  #localTopics(): TopicMeta[] {
    const record = this.#context.record();
    const prefix = topicPrefix(record.path);
    return this.#context.store
      .list()
      .filter(
        (meta) =>
          !meta.replica &&
          meta.name.startsWith(prefix) &&
          matches(record.outbound ?? [], meta.name.slice(prefix.length)),
      );
  }

  /** Resolves when a local topic that concerns this direction comes, goes or grows. */
  #watch(signal: AbortSignal): Promise<void> {
    const { store } = this.#context;
    const shape = () => JSON.stringify(this.#localTopics().map((meta) => [meta.name, meta.partitions]));
    const before = shape();
    return new Promise<void>((resolve) => {
      const finish = () => {
        stop();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const stop = store.onChange(() => {
        if (shape() !== before) finish();
      });
      signal.addEventListener('abort', finish, { once: true });
    });
  }

  async #ensureRemote(cluster: KafkaCluster): Promise<Map<string, RemoteTopic>> {
    const local = this.#localTopics();
    if (local.length === 0) {
      // Still proves that HQ answers.
      await cluster.identity();
      return new Map();
    }
    const names = local.map((meta) => meta.name);
    const found = await cluster.topics(names);
    let changed = false;
    for (const meta of local) {
      const remote = found.get(meta.name);
      if (remote && remote.leaders.length >= meta.partitions) continue;
      if (remote) await cluster.growTopic(meta.name, meta.partitions);
      else await cluster.createTopic(meta.name, meta.partitions);
      changed = true;
    }
    return changed ? cluster.topics(names) : found;
  }

  /** Where each partition goes on: at the end of HQ's log. */
  async #agree(cluster: KafkaCluster, topics: Map<string, RemoteTopic>): Promise<CarriedPartition[]> {
    const { store } = this.#context;
    const places = this.#localTopics().flatMap((meta) =>
      Array.from({ length: meta.partitions }, (_, partition) => ({ topic: meta.name, partition })),
    );
    if (places.length === 0) return [];
    const ranges = await remoteRanges(cluster, topics, places);
    const partitions: (CarriedPartition & { remote: RemoteRange })[] = [];
    for (const place of places) {
      const log = store.partition(place.topic, place.partition);
      const leader = topics.get(place.topic)?.leaders[place.partition];
      if (!log || leader === undefined) throw new FieldlineError('UNAVAILABLE', `${placeKey(place)} is being created`);
      const remote = ranges.get(placeKey(place))!;
      const partition = { ...place, log, leader, remote, next: remote.end };
      if (remote.end > log.highWatermark) await adopt(this.#context, cluster, topics, partition);
      partitions.push(partition);
    }
    await assertAgreement(
      cluster,
      topics,
      partitions.map((partition) => ({ ...partition, end: partition.remote.end })),
    );
    return partitions;
  }

  /** The producer that this link is at this HQ; a new one only here, after both logs were found to agree. */
  async #identity(cluster: KafkaCluster): Promise<ProducerIdentity> {
    const known = this.#context.record().producer;
    const where = this.#context.upstream.configured ?? '';
    if (known?.upstream === where && this.#sequenceTroubles < SEQUENCE_TROUBLES_MAX) return known;
    const identity = await cluster.initProducerId();
    await this.#context.update({ producer: { upstream: where, ...identity } });
    this.#sequenceTroubles = 0;
    return identity;
  }

  async #send(
    cluster: KafkaCluster,
    leader: number,
    partitions: CarriedPartition[],
    identity: ProducerIdentity,
    signal: AbortSignal,
  ): Promise<void> {
    const lane = new AbortController();
    const laneSignal = AbortSignal.any([signal, lane.signal]);
    // Every partition waits on it, and there may be many.
    setMaxListeners(0, laneSignal);
    const connection = await cluster.openLane(leader, laneSignal);
    const sender = new Sender({
      connection,
      identity,
      size: this.#size,
      onAnswer: () => this.#context.upstream.seen(),
      onSequenceTrouble: () => {
        this.#sequenceTroubles += 1;
      },
    });
    const stop = () => {
      sender.stop();
      lane.abort();
    };
    await raceAll(
      [
        sender.failed,
        connection.lost,
        ...partitions.map((partition) =>
          new OutboundPump(this.#context, sender, partition, this.#size, () => {
            this.#sequenceTroubles = 0;
          }).run(laneSignal),
        ),
      ],
      stop,
    );
  }
}
