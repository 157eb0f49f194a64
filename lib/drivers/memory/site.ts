import { type Clock, systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import { MemoryBroker } from './broker';
import { Faults } from './faults';
import { MemoryGroups } from './groups';
import { createMemoryLinks, linkCutError, MemoryLink } from './links';
import { MemoryMirrors } from './mirrors';
import { createMemoryStreams } from './streams';
import { createMemoryTables, MemoryTableStore } from './tables';
import { MemoryVolumeStore } from './volume-store';
import { createMemoryVolumes } from './volumes';

/**
 * The fabric of one site in memory: a double at the ports for fast tests. What it holds outlives the processes that use it, so that a
 * test can let a process die between two effects and look at what the next one makes of it.
 */
export class MemorySite {
  readonly #clock: Clock;
  readonly #broker = new MemoryBroker();
  readonly #groups = new MemoryGroups(this.#broker);
  readonly #tables = new MemoryTableStore();
  readonly #volumes: MemoryVolumeStore;
  readonly #mirrors: MemoryMirrors;
  #upstream: { site: MemorySite; link: MemoryLink } | null = null;

  /** A fresh, empty fabric. Topics, tables and volumes must be ensured as on any other. */
  constructor(
    readonly id: string,
    clock: Clock = systemClock,
  ) {
    this.#clock = clock;
    this.#volumes = new MemoryVolumeStore(id);
    this.#mirrors = new MemoryMirrors(this.#volumes, (site) => this.#reach(site), clock);
  }

  /** Makes this site an edge of `hq`: replication of the named topics of stream `replicated`, and mirrors of its volumes. */
  connectTo(hq: MemorySite, topics: { inbound: readonly string[]; outbound: readonly string[] }): MemoryLink {
    const link = new MemoryLink({
      edge: { id: this.id, broker: this.#broker },
      hq: { id: hq.id, broker: hq.#broker },
      ...topics,
      clock: this.#clock,
    });
    this.#upstream = { site: hq, link };
    return link;
  }

  /** A process that uses this fabric: its own ports, its own failures. */
  process(): { ports: SitePorts; faults: Faults } {
    const faults = new Faults();
    const clock = this.#clock;
    return {
      faults,
      ports: {
        streams: createMemoryStreams({ broker: this.#broker, groups: this.#groups, faults, clock }),
        tables: createMemoryTables(this.#tables, faults),
        volumes: createMemoryVolumes({ store: this.#volumes, mirrors: this.#mirrors, faults, clock }),
        links: this.#upstream ? createMemoryLinks(this.#upstream.link, faults) : null,
      },
    };
  }

  #reach(site: string): MemoryVolumeStore {
    if (this.#upstream?.site.id !== site) throw new FieldlineError('NOT_FOUND', `${this.id} has no link to ${site}`);
    if (this.#upstream.link.cut) throw linkCutError();
    return this.#upstream.site.#volumes;
  }
}
