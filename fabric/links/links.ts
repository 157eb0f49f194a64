import path from 'node:path';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import type { LinkConditions, LinkDirectionName, LinkStatus } from '@/lib/ports/links';
import type { TopicStore } from '../log/types';
import type { FabricLog } from '../logger';
import { JsonFile } from '../state/json-file';
import type { LinkContext, LinkRecord } from './context';
import { Link } from './link';
import { matches, topicPrefix } from './patterns';
import { DirectionFigures } from './replication/figures';
import { broughtTopics } from './replication/inbound-topics';
import type { Dialer } from './types';
import type { UpstreamControl } from './upstream';

const STATE_FILE = 'links.json';
/** As many replicas as a stream of a real cluster may have; a site has a handful. */
const LINKS_MAX = 64;

export interface LinksOptions {
  /** This site's data directory for links. */
  directory: string;
  siteId: string;
  store: TopicStore;
  dialer: Dialer;
  upstream: UpstreamControl;
  log: FabricLog;
  clock?: Clock;
}

/** What a link carries. A direction that is absent keeps what it has, or is not set up. */
export interface LinkDeclaration {
  path: string;
  cluster: string;
  replicaPath: string;
  inbound?: string[];
  outbound?: string[];
  /** Directions set up newly begin paused. */
  paused?: boolean;
}

interface LinksState {
  links: LinkRecord[];
}

/** The links of a site: one for each replicated stream. */
export class FabricLinks {
  readonly #options: LinksOptions;
  readonly #file: JsonFile<LinksState>;
  readonly #links = new Map<string, Link>();
  readonly #figures = new Map<string, LinkContext['figures']>();
  readonly #clock: Clock;
  readonly #stopListening: () => void;
  /** Serialises what changes the set of links. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: LinksOptions, file: JsonFile<LinksState>) {
    this.#options = options;
    this.#file = file;
    this.#clock = options.clock ?? systemClock;
    for (const record of file.value.links) this.#links.set(record.path, this.#start(record.path));
    this.#stopListening = options.upstream.onChange(() => {
      for (const link of this.#links.values()) link.restart();
    });
  }

  list(): LinkRecord[] {
    return [...this.#links.values()].map((link) => link.record);
  }

  /** Whether a topic must not be written yet: this site was restored from a copy, and HQ may hold records that belong before. */
  isHeld(topic: string): boolean {
    return this.list().some(({ restored, path: stream, outbound }) => {
      const prefix = topicPrefix(stream);
      return restored && topic.startsWith(prefix) && matches(outbound ?? [], topic.slice(prefix.length));
    });
  }

  get(streamPath: string): Link | undefined {
    return this.#links.get(streamPath);
  }

  /** Sets a link up, or adds a direction to it. Resolves when that is durable. */
  declare(declaration: LinkDeclaration): Promise<void> {
    return this.#serial(async () => {
      const existing = this.#links.get(declaration.path);
      if (!existing && this.#links.size >= LINKS_MAX)
        throw new FieldlineError('REQUEST_INVALID', `A site has at most ${LINKS_MAX} links`);
      await existing?.close();
      const before = existing?.record;
      const paused = declaration.paused ?? false;
      const record: LinkRecord = {
        path: declaration.path,
        cluster: declaration.cluster,
        replicaPath: declaration.replicaPath,
        inbound: declaration.inbound ?? before?.inbound ?? null,
        outbound: declaration.outbound ?? before?.outbound ?? null,
        paused: {
          inbound: before?.inbound ? before.paused.inbound : paused,
          outbound: before?.outbound ? before.paused.outbound : paused,
        },
        createdAt: before?.createdAt ?? this.#clock.now(),
        producer: before?.producer ?? null,
        acknowledged: before?.acknowledged ?? {},
      };
      await this.#save(record.path, record);
      this.#links.set(record.path, this.#start(record.path));
    });
  }

  /** Takes a direction away; the link with its last one. What was carried stays. */
  remove(streamPath: string, direction: LinkDirectionName): Promise<void> {
    return this.#serial(async () => {
      const link = this.#links.get(streamPath);
      if (!link) return;
      await link.close();
      this.#links.delete(streamPath);
      const record = { ...link.record, [direction]: null };
      const empty = record.inbound === null && record.outbound === null;
      await this.#save(streamPath, empty ? null : record);
      if (!empty) this.#links.set(streamPath, this.#start(streamPath));
    });
  }

  /**
   * Forgets what was brought of HQ's topics, and brings them anew: HQ is no longer what it was (restored from a copy, or rebuilt). What this site
   * writes itself stays. Fails with NOT_FOUND; with CONFLICT where the inbound direction has not failed: then there is nothing to mend.
   */
  bringAnew(streamPath: string): Promise<void> {
    return this.#serial(async () => {
      const link = this.#links.get(streamPath);
      if (!link?.has('inbound')) throw new FieldlineError('NOT_FOUND', `${streamPath} is not brought from anywhere`);
      if (link.stateOf('inbound') !== 'failed')
        throw new FieldlineError('CONFLICT', `What was brought of ${streamPath} agrees with HQ, as far as is known`, {
          remedy: 'Only a direction that has failed is brought anew',
        });
      await link.close();
      try {
        for (const topic of broughtTopics(link.record, this.#options.store)) await this.#options.store.delete(topic);
      } finally {
        this.#links.set(streamPath, this.#start(streamPath));
      }
    });
  }

  /**
   * Before anything more is written to the topics that this site writes, the link brings what HQ has of them: the site was on another fabric
   * meanwhile. As after a restore, what is here has to be the beginning of that. Durable when it resolves. Fails with NOT_FOUND.
   */
  takeBack(streamPath: string): Promise<void> {
    return this.#serial(async () => {
      const link = this.#links.get(streamPath);
      if (!link?.has('outbound')) throw new FieldlineError('NOT_FOUND', `${streamPath} is not carried anywhere`);
      await link.close();
      await this.#save(streamPath, { ...link.record, restored: true });
      this.#links.set(streamPath, this.#start(streamPath));
    });
  }

  /** The whole status of one stream's link. Fails with NOT_FOUND. */
  async status(streamPath: string): Promise<LinkStatus> {
    const link = this.#links.get(streamPath);
    if (!link) throw new FieldlineError('NOT_FOUND', `${streamPath} has no replica`);
    const { dialer, upstream } = this.#options;
    const directions = await link.status();
    const conditions = dialer.conditions();
    const { estimatedBytesPerSecond, provenBytesPerSecond } = dialer.traffic();
    return {
      ...directions,
      upstream: upstream.configured ?? '',
      lastSeenAt: upstream.lastSeenAt,
      // Nothing that went over the link says more than the limit it is under.
      estimatedBytesPerSecond:
        estimatedBytesPerSecond === null
          ? conditions.bytesPerSecond
          : Math.min(estimatedBytesPerSecond, conditions.bytesPerSecond ?? Number.POSITIVE_INFINITY),
      provenBytesPerSecond,
      conditions,
      asOf: this.#clock.now(),
    };
  }

  /** Changes the link conditioner, and tries again at once when the link is no longer cut. */
  setConditions(conditions: LinkConditions): void {
    const wasCut = this.#options.dialer.conditions().cut;
    this.#options.dialer.setConditions(conditions);
    if (wasCut && !conditions.cut) for (const link of this.#links.values()) link.wake();
  }

  async close(): Promise<void> {
    this.#stopListening();
    await this.#changing.catch(() => undefined);
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    this.#options.dialer.agent.destroy();
  }

  #start(streamPath: string): Link {
    const { dialer, log, siteId, store, upstream } = this.#options;
    const context: LinkContext = {
      siteId,
      store,
      dialer,
      upstream,
      log,
      clock: this.#clock,
      clientId: `fieldline-link.${siteId}`,
      figures: this.#figuresOf(streamPath),
      record: () => this.#record(streamPath)!,
      update: async (change) => {
        const record = this.#record(streamPath);
        if (record) await this.#save(streamPath, { ...record, ...change });
      },
    };
    return new Link(context);
  }

  /** Totals count since the fabric started, also when a link is set up anew. */
  #figuresOf(streamPath: string): LinkContext['figures'] {
    let figures = this.#figures.get(streamPath);
    if (!figures) {
      figures = { inbound: new DirectionFigures(), outbound: new DirectionFigures() };
      this.#figures.set(streamPath, figures);
    }
    return figures;
  }

  #record(streamPath: string): LinkRecord | undefined {
    return this.#file.value.links.find((record) => record.path === streamPath);
  }

  /** Null: forgets it. */
  #save(streamPath: string, record: LinkRecord | null): Promise<void> {
    return this.#file.update((state) => {
      const others = state.links.filter((other) => other.path !== streamPath);
      return { links: record ? [...others, record] : others };
    });
  }

  #serial<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#changing.then(work, work);
    this.#changing = result.catch(() => undefined);
    return result;
  }
}

/** Opens a site's links and starts them as they were left. Fails when their state file is damaged. */
export async function openLinks(options: LinksOptions): Promise<FabricLinks> {
  const file = await JsonFile.open<LinksState>(path.join(options.directory, STATE_FILE), { links: [] });
  return new FabricLinks(options, file);
}
