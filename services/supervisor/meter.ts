import type { Service } from '@/lib/api/schemas';
import type { ServiceState } from '@/lib/domain/services';

export const HISTORY_INTERVAL_MS = 10_000;
export const HISTORY_INTERVALS = 60;
/** The rate is over the last minute. */
const RATE_INTERVALS = 6;

interface Interval {
  processed: number;
  failed: number;
  state: ServiceState;
}

/** Counts of one service since the process started, and its last ten minutes in intervals of ten seconds. */
export class Meter {
  processed = 0;
  failed = 0;
  deadLetters = 0;
  #history: Interval[];
  /** Number of the newest interval, counted from the epoch. */
  #newest: number;
  #state: ServiceState = 'stopped';

  constructor(nowMs: number) {
    this.#newest = Math.floor(nowMs / HISTORY_INTERVAL_MS);
    this.#history = Array.from({ length: HISTORY_INTERVALS }, () => ({ processed: 0, failed: 0, state: this.#state }));
  }

  addProcessed(count: number, nowMs: number): void {
    this.processed += count;
    this.#current(nowMs).processed += count;
  }

  addFailed(count: number, nowMs: number): void {
    this.failed += count;
    this.#current(nowMs).failed += count;
  }

  /** An interval shows its last state, but a fault in it is never painted over. */
  enter(state: ServiceState, nowMs: number): void {
    const interval = this.#current(nowMs);
    this.#state = state;
    if (interval.state !== 'faulted') interval.state = state;
  }

  history(nowMs: number): Service['history'] {
    this.#current(nowMs);
    return this.#history.map((interval) => ({ ...interval }));
  }

  ratePerMinute(nowMs: number): number {
    this.#current(nowMs);
    const recent = this.#history.slice(-RATE_INTERVALS);
    const processed = recent.reduce((sum, interval) => sum + interval.processed, 0);
    const coveredMs = (RATE_INTERVALS - 1) * HISTORY_INTERVAL_MS + Math.max(1, nowMs % HISTORY_INTERVAL_MS);
    return Math.round((processed * 60_000 * 10) / coveredMs) / 10;
  }

  #current(nowMs: number): Interval {
    const number = Math.floor(nowMs / HISTORY_INTERVAL_MS);
    const missing = Math.min(HISTORY_INTERVALS, Math.max(0, number - this.#newest));
    for (let n = 0; n < missing; n++) this.#history.push({ processed: 0, failed: 0, state: this.#state });
    if (missing > 0) {
      this.#history = this.#history.slice(-HISTORY_INTERVALS);
      this.#newest = number;
    }
    return this.#history.at(-1)!;
  }
}
