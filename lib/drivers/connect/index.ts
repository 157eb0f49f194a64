/**
 * The links port of an edge on Apache Kafka whose HQ is on Apache Kafka: MirrorMaker 2 between the two clusters, run by Kafka Connect and
 * told what to do through its REST API (docs/adr/008). Delivery is at least once; exactly once where the workers have
 * `exactly.once.source.support` on.
 */
import { type Clock, systemClock } from '@/lib/clock/clock';
import { errorMessage, FieldlineError, isFieldlineError, shownMessage } from '@/lib/errors';
import type { LinkDirectionName, LinkStatus, Links } from '@/lib/ports/links';
import { ConnectClient } from './client';
import { carriedTopics, connectorConfig, connectorName } from './connector-config';
import { Direction, type DirectionFacts, type Told } from './direction';
import { ClusterEnds } from './ends';
import { Keeper } from './keeper';
import type { ConnectLinksOptions } from './options';
import { HqReport } from './report';
import { withoutSecrets } from './words';

export { type ConnectFacts, checkConnect } from './check';
export type { ConnectDoor, ConnectLinksOptions, KafkaCluster } from './options';
export { removeConnectors } from './remove';

const DIRECTIONS = ['inbound', 'outbound'] as const;
/** Until a pause has reached the task. */
const PAUSE_TRIES_MAX = 60;
const PAUSE_LOOK_MS = 250;
/** Between two reports to HQ, as embedded edges have it. */
const REPORT_INTERVAL_MS = 5_000;

/** Nothing is connected yet. */
export function createConnectLinks(options: ConnectLinksOptions): Links {
  return new ConnectLinks(options);
}

class ConnectLinks implements Links {
  readonly madeOf = 'connectors of Kafka Connect';
  readonly #options: ConnectLinksOptions;
  readonly #clock: Clock;
  readonly #client: ConnectClient;
  readonly #keeper: Keeper;
  readonly #secrets: string[];
  readonly #hq: ClusterEnds;
  readonly #edge: ClusterEnds;
  readonly #directions: Record<LinkDirectionName, Direction>;
  readonly #report: HqReport;
  readonly #closing = new AbortController();
  #reporting: Promise<void> | null = null;
  #lastSeenAt: number | null = null;

  constructor(options: ConnectLinksOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#client = new ConnectClient(options.connect, this.#clock);
    this.#secrets = [options.hq, options.edge].flatMap(({ sasl }) => (sasl ? [sasl.password] : []));
    const topics = DIRECTIONS.flatMap((direction) => carriedTopics(options, direction));
    const ends = { topics, clientId: `fieldline-link.${options.site}`, clock: this.#clock };
    this.#hq = new ClusterEnds(options.hq, ends);
    this.#edge = new ClusterEnds(options.edge, ends);
    const directionOf = (name: LinkDirectionName) => new Direction(carriedTopics(options, name), this.#secrets);
    this.#directions = { inbound: directionOf('inbound'), outbound: directionOf('outbound') };
    this.#report = new HqReport(options.hq, options);
    this.#keeper = new Keeper(
      DIRECTIONS.map((direction) => ({
        hasFailed: async () => {
          const status = await this.#client.status(this.#name(direction));
          if (status) return [status.connector, ...status.tasks].some(({ state }) => state === 'FAILED');
          // Without a state yet, or not there at all.
          return (await this.#client.config(this.#name(direction))) ? false : null;
        },
        restart: () => this.#client.restartFailed(this.#name(direction)),
        create: () => this.#ensure(direction),
      })),
      this.#clock,
    );
  }

  async isDeclared(): Promise<boolean> {
    const there = await Promise.all(DIRECTIONS.map((direction) => this.#client.config(this.#name(direction))));
    return there.every((config) => config !== null);
  }

  async ensureLink(): Promise<void> {
    for (const direction of DIRECTIONS) await this.#ensure(direction);
    this.#keeper.start();
    // From here on it is counted what was carried.
    await this.status();
    this.#reporting ??= this.#tellHq();
  }

  /** Nothing need come back: offsets at the two ends are not compared. */
  async prepareLink(): Promise<void> {
    for (const direction of DIRECTIONS) {
      await this.#ensure(direction);
      await this.pause(direction);
    }
  }

  async status(): Promise<LinkStatus> {
    // In this order: what is written down, then the source, then the target, so that nothing seems to be carried that is not.
    const written = await Promise.all(DIRECTIONS.map((direction) => this.#connectorFacts(direction)));
    const hq = await this.#told(this.#hq.read(), "HQ's Kafka");
    const edge = await this.#told(this.#edge.read(), "The edge's Kafka");
    const now = this.#clock.now();
    if ('value' in hq) this.#lastSeenAt = now;
    const [inbound, outbound] = written;
    return {
      inbound: this.#directions.inbound.observe({ ...inbound!, source: hq, target: edge }, now),
      outbound: this.#directions.outbound.observe({ ...outbound!, source: edge, target: hq }, now),
      upstream: this.#options.hq.brokers.join(','),
      lastSeenAt: this.#lastSeenAt,
      estimatedBytesPerSecond: null,
      provenBytesPerSecond: null,
      conditions: null,
      asOf: now,
    };
  }

  async pause(direction: LinkDirectionName): Promise<void> {
    const name = this.#name(direction);
    await this.#client.pause(name);
    // Connect has only noted it so far; what the caller sees next shall not move any more.
    for (let tries = 0; tries < PAUSE_TRIES_MAX; tries++) {
      const status = await this.#client.status(name);
      if (status && [status.connector, ...status.tasks].every(({ state }) => state === 'PAUSED')) return;
      await this.#clock.sleep(PAUSE_LOOK_MS);
    }
    throw new FieldlineError(
      'TIMEOUT',
      `Kafka Connect at ${this.#client.where} has noted the pause, but not made it yet`,
    );
  }

  async resume(direction: LinkDirectionName): Promise<void> {
    await this.#client.resume(this.#name(direction));
  }

  async bringAnew(): Promise<void> {
    throw new FieldlineError('UNSUPPORTED', 'MirrorMaker keeps the offsets that it has carried itself', {
      remedy: 'Reset the offsets of its connectors in Kafka Connect',
    });
  }

  async setConditions(): Promise<void> {
    throw new FieldlineError('UNSUPPORTED', 'Apache Kafka has no link conditioner');
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#reporting;
    await this.#keeper.stop();
    this.#client.close();
    await Promise.all([this.#hq.close(), this.#edge.close(), this.#report.close()]);
  }

  /** Nobody waits for it: that HQ can not be told is the link's state, which the edge shows. */
  async #tellHq(): Promise<void> {
    const { signal } = this.#closing;
    const ignore = () => undefined;
    while (!signal.aborted) {
      const { inbound, outbound, asOf } = await this.status();
      const facts = {
        asOf: new Date(asOf).toISOString(),
        inbound: inbound.state,
        outbound: outbound.state,
        pendingOut: outbound.lagRecords,
        pendingOutBytes: outbound.lagBytes,
        estimatedBytesPerSecond: null,
      };
      if (this.#lastSeenAt === asOf) await this.#report.send(this.#directions.inbound.positions, facts).catch(ignore);
      await this.#clock.sleep(REPORT_INTERVAL_MS, signal).catch(ignore);
    }
  }

  #name(direction: LinkDirectionName): string {
    return connectorName(this.#options, direction);
  }

  /** Leaves a connector alone that is as it should be: a new configuration restarts its tasks. */
  async #ensure(direction: LinkDirectionName): Promise<void> {
    const name = this.#name(direction);
    const wanted = connectorConfig(this.#options, direction);
    const there = await this.#client.config(name);
    if (there && isEqual(there, wanted)) return;
    try {
      await this.#client.configure(name, wanted);
    } catch (error) {
      throw this.#withoutSecrets(error);
    }
  }

  async #connectorFacts(direction: LinkDirectionName): Promise<Pick<DirectionFacts, 'connector' | 'carried'>> {
    const name = this.#name(direction);
    const [connector, carried] = await Promise.all([
      this.#told(this.#client.status(name), 'Kafka Connect'),
      this.#told(this.#client.carried(name), 'Kafka Connect'),
    ]);
    return { connector, carried };
  }

  async #told<T>(answer: Promise<T>, who: string): Promise<Told<T>> {
    try {
      return { value: await answer };
    } catch (error) {
      const words = withoutSecrets(shownMessage(error), this.#secrets);
      return { error: `${who}: ${words}`, refused: isFieldlineError(error, 'AUTH_FAILED', 'PROTOCOL', 'FORBIDDEN') };
    }
  }

  #withoutSecrets(error: unknown): unknown {
    const clean = withoutSecrets(errorMessage(error), this.#secrets);
    if (!isFieldlineError(error) || clean === error.message) return error;
    return new FieldlineError(error.code, clean, { retriable: error.retriable, details: error.details });
  }
}

function isEqual(one: Record<string, string>, other: Record<string, string>): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
