import { type Clock, systemClock } from '@/lib/clock/clock';

/** A person who mistypes does not get here; a program that guesses does. */
const FAILURES_MAX = 10;
const WINDOW_MS = 60_000;
/** Addresses are remembered only while they fail. */
const ENTRIES_MAX = 10_000;

/** Counts failed attempts by whom they come from: after FAILURES_MAX within WINDOW_MS, nothing is looked at until the window is over. */
export class FailureLimit {
  readonly #failures = new Map<string, { count: number; since: number; tried: string | null }>();
  readonly #clock: Clock;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  blocked(key: string): boolean {
    const entry = this.#failures.get(key);
    if (!entry) return false;
    if (this.#clock.now() - entry.since < WINDOW_MS) return entry.count >= FAILURES_MAX;
    this.#failures.delete(key);
    return false;
  }

  /**
   * `tried`: a digest of what was given, where it is known. The same wrong thing again is no guess: an edge that was enrolled anew and is not restarted
   * yet goes on with its former credential, and must not shut out the new one.
   */
  failed(key: string, tried: string | null = null): void {
    const entry = this.blocked(key) ? undefined : this.#failures.get(key);
    if (entry) {
      if (tried === null || tried !== entry.tried) entry.count += 1;
      entry.tried = tried;
    } else if (!this.#failures.has(key)) this.#failures.set(key, { count: 1, since: this.#clock.now(), tried });
    // The oldest goes: whoever fails from that many addresses is not held up by counting.
    if (this.#failures.size > ENTRIES_MAX) this.#failures.delete(this.#failures.keys().next().value!);
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}
