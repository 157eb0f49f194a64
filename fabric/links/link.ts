import type { LinkDirection, LinkDirectionName, LinkState } from '@/lib/ports/links';
import type { Attempt, LinkContext, LinkRecord } from './context';
import { Direction } from './direction';
import { Inbound } from './replication/inbound';
import { Outbound } from './replication/outbound';
import { Telemetry } from './telemetry';

/** What HQ has acknowledged is written down this often: it only says what waits after a restart without a link. */
const ACKNOWLEDGED_SAVE_INTERVAL_MS = 5_000;
const NOT_SET_UP: LinkDirection = {
  state: 'paused',
  lagRecords: null,
  lagBytes: null,
  lagMs: null,
  recordsTotal: 0,
  bytesTotal: 0,
  lastError: null,
  lastErrorAt: null,
};

/** The link of one stream: its directions, each on its own, and the report to HQ. */
export class Link {
  readonly #context: LinkContext;
  readonly #outbound: Outbound;
  readonly #directions: Partial<Record<LinkDirectionName, Direction>> = {};
  readonly #telemetry: Telemetry;
  readonly #timer: NodeJS.Timeout;
  #saving: Promise<void> = Promise.resolve();

  constructor(context: LinkContext) {
    this.#context = context;
    const { clock, log } = context;
    const { inbound, outbound, paused } = context.record();
    this.#outbound = new Outbound(context);
    if (inbound) {
      const worker = new Inbound(context);
      this.#directions.inbound = new Direction({
        name: 'inbound',
        paused: paused.inbound,
        carry: (attempt) => this.#carry(worker, attempt),
        clock,
        log,
      });
    }
    if (outbound)
      this.#directions.outbound = new Direction({
        name: 'outbound',
        paused: paused.outbound,
        carry: (attempt) => this.#carry(this.#outbound, attempt),
        clock,
        log,
      });
    this.#telemetry = new Telemetry({
      context,
      states: () => ({
        inbound: this.#directions.inbound?.state ?? null,
        outbound: this.#directions.outbound?.state ?? null,
      }),
      refresh: () => this.#outbound.reportLag(),
      onContact: () => {
        for (const direction of Object.values(this.#directions)) direction.wake();
      },
    });
    this.#timer = setInterval(() => this.#saveAcknowledged(), ACKNOWLEDGED_SAVE_INTERVAL_MS);
    this.#timer.unref();
  }

  get record(): LinkRecord {
    return this.#context.record();
  }

  has(direction: LinkDirectionName): boolean {
    return this.#directions[direction] !== undefined;
  }

  stateOf(direction: LinkDirectionName): LinkState | undefined {
    return this.#directions[direction]?.state;
  }

  async setPaused(direction: LinkDirectionName, paused: boolean): Promise<void> {
    // Durable first: a pause that a crash undoes would spend somebody's bandwidth.
    await this.#context.update({ paused: { ...this.record.paused, [direction]: paused } });
    if (paused) this.#directions[direction]?.pause();
    else this.#directions[direction]?.resume();
    this.#telemetry.wake();
  }

  /** HQ may be reachable now. */
  wake(): void {
    this.#telemetry.wake();
    for (const direction of Object.values(this.#directions)) direction.wake();
  }

  /** Another upstream, or other patterns. */
  restart(): void {
    this.#telemetry.wake();
    for (const direction of Object.values(this.#directions)) direction.restart();
  }

  async status(): Promise<Record<LinkDirectionName, LinkDirection>> {
    if (this.#directions.outbound) await this.#outbound.reportLag();
    return { inbound: this.#statusOf('inbound'), outbound: this.#statusOf('outbound') };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([
      ...Object.values(this.#directions).map((direction) => direction.close()),
      this.#telemetry.close(),
    ]);
    this.#saveAcknowledged();
    await this.#saving;
  }

  async #carry(worker: Inbound | Outbound, attempt: Attempt): Promise<void> {
    try {
      await worker.carry(attempt);
    } catch (error) {
      if (!attempt.signal.aborted) this.#context.upstream.failed();
      throw error;
    }
  }

  #statusOf(name: LinkDirectionName): LinkDirection {
    const direction = this.#directions[name];
    if (!direction) return NOT_SET_UP;
    const figures = this.#context.figures[name];
    // What waits at HQ is only known while HQ can be asked.
    const known = name === 'outbound' || direction.state === 'up' || direction.state === 'paused';
    const trouble = direction.error ?? (figures.note && { message: figures.note.text, at: figures.note.at });
    return {
      state: direction.state,
      lagRecords: known ? figures.lagRecords : null,
      lagBytes: known ? figures.lagBytes : null,
      lagMs: known ? figures.lagMs : null,
      recordsTotal: figures.recordsTotal,
      bytesTotal: figures.bytesTotal,
      lastError: trouble?.message ?? null,
      lastErrorAt: trouble?.at ?? null,
    };
  }

  #saveAcknowledged(): void {
    const acknowledged = this.#outbound.acknowledged();
    if (JSON.stringify(acknowledged) === JSON.stringify(this.record.acknowledged)) return;
    this.#saving = this.#context.update({ acknowledged }).catch((error: unknown) => {
      this.#context.log.warn('The state of the link could not be written', { error: String(error) });
    });
  }
}
