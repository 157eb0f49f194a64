/** First wait after a lost link: short, since most losses are short. */
const BACKOFF_MS_MIN = 500;
/** An uncut link is used again within this time. */
const BACKOFF_MS_MAX = 15_000;
/** Share of the wait that is random, so that edges of one HQ do not come back in step. */
const JITTER_SHARE = 0.3;

/** Growing waits between attempts. */
export class Backoff {
  #attempts = 0;

  constructor(private readonly random: () => number = Math.random) {}

  /** The next wait in ms. */
  next(): number {
    const full = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** this.#attempts);
    if (full < BACKOFF_MS_MAX) this.#attempts += 1;
    return Math.round(full * (1 - JITTER_SHARE * this.random()));
  }

  reset(): void {
    this.#attempts = 0;
  }
}
