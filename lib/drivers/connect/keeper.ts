import { type BackoffLimits, backoffMs } from '@/lib/clock/backoff';
import type { Clock } from '@/lib/clock/clock';

/** Between two looks while all is well, in ms. */
const LOOK_MS = 3_000;
/** Pauses before a failed task is restarted, in ms: the first, and the longest. */
const RESTART_BACKOFF: BackoffLimits = { minMs: 2_000, maxMs: 5 * 60_000 };

export interface Kept {
  /** Whether something of it has failed; null: it is not there at all. Fails while nobody answers. */
  hasFailed(): Promise<boolean | null>;
  restart(): Promise<void>;
  create(): Promise<void>;
}

/** Restarts what fails, later and later while it fails again, and makes again what somebody removed. Runs until it is stopped. */
export class Keeper {
  readonly #abort = new AbortController();
  #running: Promise<void>[] = [];

  constructor(
    private readonly kept: readonly Kept[],
    private readonly clock: Clock,
  ) {}

  /** Idempotent. */
  start(): void {
    if (this.#running.length === 0 && !this.#abort.signal.aborted)
      this.#running = this.kept.map((each) => this.#keep(each));
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#running);
  }

  async #keep(kept: Kept): Promise<void> {
    let restarts = 0;
    let restartedAt = 0;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        const failed = await kept.hasFailed();
        const pauseMs = backoffMs(restarts + 1, RESTART_BACKOFF);
        if (failed === null) await kept.create();
        else if (failed && this.clock.now() - restartedAt >= pauseMs) {
          restarts += 1;
          restartedAt = this.clock.now();
          await kept.restart();
        } else if (!failed && this.clock.now() - restartedAt >= pauseMs) restarts = 0;
      } catch {
        // Connect does not answer, which the link's state says; the next look is the next try.
      }
      await this.clock.sleep(LOOK_MS, signal).catch(() => undefined);
    }
  }
}
