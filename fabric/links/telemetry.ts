/**
 * What HQ knows of an edge it never calls: every few seconds the link commits, under a consumer group of its own, the offsets it has
 * brought over, and its state as the metadata. Any Kafka keeps that, and any Kafka tool shows the lag.
 */

import { type BackoffLimits, backoffMs } from '@/lib/clock/backoff';
import { errorMessage } from '@/lib/errors';
import type { LinkDirectionName, LinkState } from '@/lib/ports/links';
import { Backoff } from './backoff';
import { KafkaCluster, placeKey } from './client/cluster';
import type { LinkContext } from './context';
import { gauge, isWorthGauging } from './gauge';
import { matches, topicPrefix } from './patterns';
import { type RemoteRange, remoteRanges } from './replication/agreement';
import { inboundTopics } from './replication/inbound-topics';

const REPORT_INTERVAL_MS = 5_000;
/** Between two tries to find out what the same line can carry: later and later, since each takes some of it. */
const GAUGE_BACKOFF: BackoffLimits = { minMs: 60_000, maxMs: 3_600_000 };

export const linkGroup = (siteId: string) => `fieldline-link.${siteId}`;

/** The committed metadata, as JSON. */
export interface LinkReport {
  /** ISO 8601. */
  asOf: string;
  site: string;
  inbound: LinkState | null;
  outbound: LinkState | null;
  /** Records and bytes at the edge that HQ does not have yet; null while unknown. */
  pendingOut: number | null;
  pendingOutBytes: number | null;
  estimatedBytesPerSecond: number | null;
}

export interface TelemetryParts {
  context: LinkContext;
  states: () => Record<LinkDirectionName, LinkState | null>;
  /** Brings the figures of what waits to go out up to date. */
  refresh: () => Promise<void>;
  /** HQ has answered after a time in which it did not. */
  onContact: () => void;
}

/** Reports while HQ can be reached, also while both directions are paused. */
export class Telemetry {
  readonly #parts: TelemetryParts;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #wake = new AbortController();
  #gauged: { latencyMs: number; tries: number; nextAt: number } | null = null;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
    this.#done = this.#loop();
  }

  wake(): void {
    this.#wake.abort();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #loop(): Promise<void> {
    const { log } = this.#parts.context;
    const backoff = new Backoff();
    let silent = false;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#session(() => {
          backoff.reset();
          silent = false;
        });
      } catch (error) {
        if (!this.#stop.signal.aborted) this.#parts.context.upstream.failed();
        // The directions tell that the link is down; here it is said once.
        if (!silent && !this.#stop.signal.aborted)
          log.info('HQ can not be told how this link does', { error: errorMessage(error) });
        silent = true;
        await this.#pause(backoff.next());
      }
    }
  }

  async #session(onReport: () => void): Promise<void> {
    const { context } = this.#parts;
    const session = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, session.signal]);
    const address = await context.upstream.resolve(signal);
    const cluster = new KafkaCluster(context.dialer, address.kafka, {
      clientId: context.clientId,
      signal,
      security: address.access?.kafka,
    });
    try {
      for (let first = true; !signal.aborted; first = false) {
        await this.#report(cluster);
        context.upstream.seen();
        onReport();
        if (first) this.#parts.onContact();
        await this.#gauge(cluster, signal);
        await this.#pause(REPORT_INTERVAL_MS);
      }
    } finally {
      session.abort();
      cluster.close();
    }
  }

  async #report(cluster: KafkaCluster): Promise<void> {
    const { context, refresh, states } = this.#parts;
    await refresh();
    const { clock, dialer, figures, siteId } = context;
    const { inbound, outbound } = states();
    // While paused nothing is fetched, and an operator still wants to know what waits.
    if (inbound === 'paused') await this.#askLag(cluster);
    const places = this.#inboundPlaces();
    if (places.length === 0) {
      await cluster.identity();
      return;
    }
    const report: LinkReport = {
      asOf: new Date(clock.now()).toISOString(),
      site: siteId,
      inbound,
      outbound,
      pendingOut: figures.outbound.lagRecords,
      pendingOutBytes: figures.outbound.lagBytes,
      estimatedBytesPerSecond: dialer.traffic().estimatedBytesPerSecond,
    };
    // Once is enough for HQ, and spares the link: the first partition carries it.
    await cluster.commit(
      linkGroup(siteId),
      places.map((place, index) => ({ ...place, metadata: index === 0 ? JSON.stringify(report) : '' })),
    );
  }

  /** While nothing else wants the line: what waits shows by itself what it can carry. */
  async #gauge(cluster: KafkaCluster, signal: AbortSignal): Promise<void> {
    const { clock, dialer, figures, log } = this.#parts.context;
    const isIdle = this.#parts.states().inbound === 'up' && figures.inbound.lagRecords === 0;
    if (!isIdle || !isWorthGauging(dialer)) return;
    const { latencyMs } = dialer.conditions();
    const before = this.#gauged?.latencyMs === latencyMs ? this.#gauged : null;
    if (before && clock.now() < before.nextAt) return;
    const tries = (before?.tries ?? 0) + 1;
    const tried = { latencyMs, tries, nextAt: clock.now() + backoffMs(tries, GAUGE_BACKOFF) };
    try {
      if (await gauge(cluster, this.#inboundPlaces(), signal)) this.#gauged = tried;
    } catch (error) {
      // An estimate is missing then, and nothing else.
      this.#gauged = tried;
      if (!signal.aborted) log.info('What the link can carry could not be found out', { error: errorMessage(error) });
    }
  }

  /** What HQ has of the carried topics that is not here, also of topics that were never brought. */
  async #askLag(cluster: KafkaCluster): Promise<void> {
    const { figures, store } = this.#parts.context;
    const topics = await inboundTopics(this.#parts.context, cluster);
    const places = [...topics.values()].flatMap((topic) =>
      topic.leaders.map((_, partition) => ({ topic: topic.name, partition })),
    );
    const ranges = places.length > 0 ? await remoteRanges(cluster, topics, places) : new Map<string, RemoteRange>();
    let records = 0;
    for (const place of places) {
      const { earliest, end } = ranges.get(placeKey(place))!;
      const here = store.partition(place.topic, place.partition)?.highWatermark ?? 0;
      records += Math.max(0, end - Math.max(here, earliest));
    }
    figures.inbound.lag(records, null, null);
  }

  #inboundPlaces(): { topic: string; partition: number; offset: number }[] {
    const { store } = this.#parts.context;
    const record = this.#parts.context.record();
    const prefix = topicPrefix(record.path);
    return store
      .list()
      .filter(
        (meta) =>
          meta.replica && meta.name.startsWith(prefix) && matches(record.inbound ?? [], meta.name.slice(prefix.length)),
      )
      .flatMap((meta) =>
        Array.from({ length: meta.partitions }, (_, partition) => ({
          topic: meta.name,
          partition,
          offset: store.partition(meta.name, partition)?.highWatermark ?? 0,
        })),
      );
  }

  async #pause(ms: number): Promise<void> {
    this.#wake = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, this.#wake.signal]);
    // Woken early or stopped: either way it goes on at the loop's head.
    await this.#parts.context.clock.sleep(ms, signal).catch(() => undefined);
  }
}
