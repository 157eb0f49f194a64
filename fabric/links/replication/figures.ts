/** What a direction has carried, and what waits. */
export class DirectionFigures {
  recordsTotal = 0;
  bytesTotal = 0;
  lagRecords: number | null = null;
  lagBytes: number | null = null;
  lagMs: number | null = null;
  /** Records that could not be carried because retention had deleted them. */
  lostRecords = 0;
  /** A note that outlives a reconnection, e.g. about lost records. */
  note: { text: string; at: number } | null = null;

  carried(records: number, bytes: number): void {
    this.recordsTotal += records;
    this.bytesTotal += bytes;
  }

  lag(records: number, bytes: number | null, ageMs: number | null): void {
    this.lagRecords = records;
    this.lagBytes = records === 0 ? 0 : (bytes ?? this.#bytesOf(records));
    this.lagMs = records === 0 ? 0 : ageMs;
  }

  unknown(): void {
    this.lagRecords = null;
    this.lagBytes = null;
    this.lagMs = null;
  }

  lost(records: number, text: string, at: number): void {
    this.lostRecords += records;
    this.note = { text, at };
  }

  /** By the mean of what was carried so far. */
  #bytesOf(records: number): number | null {
    return this.recordsTotal === 0 ? null : Math.round((this.bytesTotal / this.recordsTotal) * records);
  }
}

/** How much to ask for, or send, at once: about two seconds of the link, so that a cut costs little and a dead line is noticed. */
export class AdaptiveSize {
  #bytes: number;

  constructor(private readonly limits: { startBytes: number; minBytes: number; maxBytes: number }) {
    this.#bytes = limits.startBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What a transfer of `bytes` took. */
  observe(bytes: number, ms: number): void {
    if (ms > SLOW_MS) this.shrink();
    else if (ms < FAST_MS && bytes >= this.#bytes / 2) this.#bytes = Math.min(this.limits.maxBytes, this.#bytes * 2);
  }

  /** A transfer failed: perhaps it was too large for how long the link holds. */
  shrink(): void {
    this.#bytes = Math.max(this.limits.minBytes, Math.floor(this.#bytes / 2));
  }
}

const FAST_MS = 700;
const SLOW_MS = 3_000;
