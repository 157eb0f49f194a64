/** One direction as the port tells it, from what Connect and both clusters say. */
import type { LinkDirection, LinkState } from '@/lib/ports/links';
import type { CarriedOffset, ConnectorStatus } from './client';
import type { PartitionEnds } from './ends';
import { Positions, WaitingSince } from './positions';
import type { CarriedTo } from './report';
import { failureOf } from './words';

/** What somebody answered, or why not. */
export type Told<T> = { value: T } | { error: string; refused: boolean };

export interface DirectionFacts {
  /** Null: there is no such connector. */
  connector: Told<ConnectorStatus | null>;
  carried: Told<CarriedOffset[]>;
  source: Told<Map<string, PartitionEnds>>;
  target: Told<Map<string, PartitionEnds>>;
}

/** MirrorMaker says nothing when it can not find out what to carry; after this it is worth a sentence, in ms. */
const NO_TASK_MS = 60_000;
/** The same while something waits. Well beyond `offset.flush.interval.ms`, a minute, before which a figure of what was carried may be missing. */
const NO_PROGRESS_MS = 150_000;
const PAUSED = ['PAUSED', 'STOPPED'];

export class Direction {
  readonly #positions = new Positions();
  readonly #waiting = new WaitingSince();
  #carried: CarriedOffset[] = [];
  /** How far each partition was carried, as of the last look that could tell. */
  positions: CarriedTo[] = [];
  #recordsTotal = 0;
  #error: { text: string; at: number } | null = null;
  #idleSince: number | null = null;
  /** How far it is, and since when. */
  #progress: { reached: number; at: number } | null = null;

  /** `topics`: what it carries, by their Kafka names; what is told of both clusters is more. */
  constructor(
    private readonly topics: readonly string[],
    private readonly secrets: readonly string[],
  ) {}

  observe(facts: DirectionFacts, now: number): LinkDirection {
    const lag = this.#lag(facts, now);
    const { state, error } = this.#stalled(this.#state(facts, now), lag.lagRecords, now);
    if (error === null) this.#error = null;
    else if (this.#error?.text !== error) this.#error = { text: error, at: now };
    return {
      state,
      ...lag,
      recordsTotal: this.#recordsTotal,
      // Connect tells bytes by JMX only.
      bytesTotal: 0,
      lastError: this.#error?.text ?? null,
      lastErrorAt: this.#error?.at ?? null,
    };
  }

  #state({ connector, source, target }: DirectionFacts, now: number): { state: LinkState; error: string | null } {
    if ('error' in connector) return { state: connector.refused ? 'failed' : 'down', error: connector.error };
    const status = connector.value;
    if (status && PAUSED.includes(status.connector.state) && status.tasks.every(({ state }) => PAUSED.includes(state)))
      return { state: 'paused', error: null };
    const failure = status && failureOf(status, this.secrets);
    if (failure) return { state: 'failed', error: failure };
    // Also where there is no connector yet: it will not get any further.
    for (const cluster of [source, target])
      if ('error' in cluster) return { state: cluster.refused ? 'failed' : 'down', error: cluster.error };
    if (!status) return { state: 'connecting', error: 'MirrorMaker has no connector for this: it is being made' };
    const isIdle = status.tasks.length === 0 && 'value' in source && this.#own(source.value).length > 0;
    this.#idleSince = isIdle ? (this.#idleSince ?? now) : null;
    if (this.#idleSince !== null)
      return {
        state: 'connecting',
        error:
          now - this.#idleSince < NO_TASK_MS ? null : 'MirrorMaker has begun no task: see the log of Kafka Connect',
      };
    const works = [status.connector, ...status.tasks].every(({ state }) => state === 'RUNNING');
    return { state: works ? 'up' : 'connecting', error: null };
  }

  /** A direction that runs by its own account, and moves nothing. */
  #stalled(told: { state: LinkState; error: string | null }, waiting: number | null, now: number) {
    const reached = this.positions.reduce((sum, { offset }) => sum + offset, 0);
    if (told.state !== 'up' || !waiting || reached !== this.#progress?.reached) this.#progress = { reached, at: now };
    if (now - this.#progress.at < NO_PROGRESS_MS) return told;
    const error =
      'MirrorMaker runs, and carries nothing: see the log of Kafka Connect. At the source its user has to be allowed to describe the topics and their configuration';
    return { state: 'connecting' as const, error };
  }

  #lag(facts: DirectionFacts, now: number): Pick<LinkDirection, 'lagRecords' | 'lagBytes' | 'lagMs'> {
    const { source, target, carried } = facts;
    if ('value' in carried) this.#carried = carried.value;
    if ('error' in source || 'error' in target) return { lagRecords: null, lagBytes: null, lagMs: null };
    let ends = 0;
    let reached = 0;
    this.#recordsTotal = 0;
    this.positions = [];
    for (const [name, { low, end }] of this.#own(source.value)) {
      const known = this.#carried.find(({ topic, partition }) => `${topic}/${partition}` === name);
      const replicaEnd = target.value.get(name)?.end ?? null;
      const position = this.#positions.observe(name, { low, end, carried: known?.offset ?? null, replicaEnd });
      const [topic, partition] = name.split('/') as [string, string];
      this.positions.push({ topic, partition: Number(partition), offset: position });
      ends += end;
      reached += position;
      this.#recordsTotal += this.#positions.since(name, position);
    }
    const lagRecords = ends - reached;
    // What waits is known in records; how large they are nobody asked.
    return { lagRecords, lagBytes: lagRecords === 0 ? 0 : null, lagMs: this.#waiting.observe(now, ends, reached) };
  }

  /** What the other direction brings is at the source too. */
  #own(ends: Map<string, PartitionEnds>): [string, PartitionEnds][] {
    return [...ends].filter(([name]) => this.topics.includes(name.split('/')[0]!));
  }
}
