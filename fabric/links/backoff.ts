import { type BackoffLimits, backoffMs } from '@/lib/clock/backoff';

/** Short at first, since most losses are short; an uncut link is used again soon; edges of one HQ do not come back in step. */
const LIMITS: BackoffLimits = { minMs: 500, maxMs: 15_000, jitterShare: 0.3 };

/** Growing waits between attempts. */
export class Backoff {
  #attempts = 0;

  constructor(private readonly random: () => number = Math.random) {}

  /** The next wait in ms. */
  next(): number {
    this.#attempts += 1;
    return backoffMs(this.#attempts, LIMITS, this.random);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
