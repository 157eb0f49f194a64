import type { Clock } from '@/lib/clock/clock';
import { linkGroup } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import type { LinkConditions, LinkDirection, LinkDirectionName, LinkState, LinkStatus, Links } from '@/lib/ports';
import type { MemoryBroker, MemoryTopic } from './broker';
import type { Faults } from './faults';

export interface MemoryLinkOptions {
  edge: { id: string; broker: MemoryBroker };
  hq: { id: string; broker: MemoryBroker };
  /** Topic names of the stream `replicated` that HQ writes, and that the edge writes. */
  inbound: readonly string[];
  outbound: readonly string[];
  clock: Clock;
}

interface DirectionState {
  paused: boolean;
  recordsTotal: number;
  bytesTotal: number;
}

/**
 * The link between two memory sites: carries records with their offsets as soon as they are there, unless paused or cut.
 * Of the conditioner only the cut has an effect; rates and latency are for real fabrics.
 */
export class MemoryLink {
  #conditions: LinkConditions = { cut: false, bytesPerSecond: null, latencyMs: 0 };
  #declared = false;
  #pumping = false;
  #lastSeenAtMs: number | null = null;
  readonly #directions: Record<LinkDirectionName, DirectionState> = {
    inbound: { paused: false, recordsTotal: 0, bytesTotal: 0 },
    outbound: { paused: false, recordsTotal: 0, bytesTotal: 0 },
  };

  constructor(readonly options: MemoryLinkOptions) {
    options.edge.broker.onChange(() => this.#pump());
    options.hq.broker.onChange(() => this.#pump());
  }

  get cut(): boolean {
    return this.#conditions.cut;
  }

  declare(): void {
    this.#declared = true;
    this.#pump();
  }

  setPaused(direction: LinkDirectionName, paused: boolean): void {
    this.#directions[direction].paused = paused;
    this.#pump();
  }

  setConditions(conditions: LinkConditions): void {
    this.#conditions = { ...conditions };
    this.#pump();
  }

  get isDeclared(): boolean {
    return this.#declared;
  }

  status(): LinkStatus {
    const { clock, hq } = this.options;
    return {
      inbound: this.#direction('inbound'),
      outbound: this.#direction('outbound'),
      upstream: `${hq.id}:0`,
      lastSeenAt: this.#lastSeenAtMs,
      estimatedBytesPerSecond: null,
      provenBytesPerSecond: null,
      conditions: { ...this.#conditions },
      asOf: clock.now(),
    };
  }

  #direction(name: LinkDirectionName): LinkDirection {
    const { paused, recordsTotal, bytesTotal } = this.#directions[name];
    const state: LinkState = paused ? 'paused' : this.#conditions.cut ? 'down' : 'up';
    const waiting = this.#pairs(name).flatMap(({ source, replica }) =>
      source.partitions.flatMap((partition) =>
        partition.records.slice(replica?.partitions[partition.index]?.records.length ?? 0),
      ),
    );
    const oldest = waiting.reduce<number | null>(
      (age, record) => (age === null ? record.timestamp : Math.min(age, record.timestamp)),
      null,
    );
    return {
      state,
      lagRecords: waiting.length,
      lagBytes: waiting.reduce((sum, record) => sum + Buffer.byteLength(record.value), 0),
      lagMs: oldest === null ? 0 : Math.max(0, this.options.clock.now() - oldest),
      recordsTotal,
      bytesTotal,
      lastError: state === 'down' ? 'The link is cut' : null,
      lastErrorAt: null,
    };
  }

  #pairs(name: LinkDirectionName): { source: MemoryTopic; replica: MemoryTopic | undefined }[] {
    const { edge, hq, inbound, outbound } = this.options;
    const [from, to, topics] =
      name === 'inbound' ? [hq.broker, edge.broker, inbound] : [edge.broker, hq.broker, outbound];
    return from
      .topics('replicated')
      .filter((topic) => topics.includes(topic.ref.topic) && !topic.replica)
      .map((source) => ({ source, replica: to.topic(source.ref) }));
  }

  #pump(): void {
    if (!this.#declared || this.#conditions.cut || this.#pumping) return;
    this.#pumping = true;
    try {
      this.#lastSeenAtMs = this.options.clock.now();
      this.#carry('inbound');
      this.#carry('outbound');
    } finally {
      this.#pumping = false;
    }
  }

  #carry(name: LinkDirectionName): void {
    const direction = this.#directions[name];
    if (direction.paused) return;
    const { edge, hq } = this.options;
    const to = name === 'inbound' ? edge.broker : hq.broker;
    for (const { source } of this.#pairs(name)) {
      const replica = to.ensureTopic(source.ref, source.partitions.length, true);
      for (const partition of source.partitions) {
        const target = replica.partitions[partition.index]!;
        const records = partition.records.slice(target.records.length);
        if (records.length === 0) continue;
        to.appendReplica(target, records);
        direction.recordsTotal += records.length;
        for (const record of records) direction.bytesTotal += Buffer.byteLength(record.value);
      }
      if (name === 'inbound') this.#tellHq(source);
    }
  }

  /** As the embedded link: what was brought over, committed at HQ. */
  #tellHq(source: MemoryTopic): void {
    const { edge, hq, clock } = this.options;
    const metadata = JSON.stringify({ asOf: new Date(clock.now()).toISOString(), site: edge.id });
    for (const partition of source.partitions)
      hq.broker.commit(linkGroup(edge.id), partition, partition.records.length, metadata);
  }
}

/** The links port of the edge, as one process uses it. */
export function createMemoryLinks(link: MemoryLink, faults: Faults): Links {
  const target = link.options.edge.id;
  return {
    madeOf: 'in memory',
    isDeclared: () => faults.run('links.isDeclared', target, () => link.isDeclared),
    ensureLink: () => faults.run('links.ensureLink', target, () => link.declare()),
    prepareLink: () =>
      faults.run('links.prepareLink', target, () => {
        link.declare();
        link.setPaused('inbound', true);
        link.setPaused('outbound', true);
      }),
    status: () => faults.run('links.status', target, () => link.status()),
    pause: (direction) => faults.run('links.pause', target, () => link.setPaused(direction, true)),
    resume: (direction) => faults.run('links.resume', target, () => link.setPaused(direction, false)),
    // The copies of a memory link are always right: it has none that failed.
    bringAnew: () =>
      faults.run('links.bringAnew', target, () => {
        throw new FieldlineError('CONFLICT', 'The link has not failed');
      }),
    setConditions: (conditions) => faults.run('links.setConditions', target, () => link.setConditions(conditions)),
    close: async () => undefined,
  };
}

/** What a mirror meets when it goes over a link that is cut. */
export const linkCutError = () => new FieldlineError('UNAVAILABLE', 'The link to HQ is cut');
