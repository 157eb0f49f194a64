import { backoffMs } from '@/lib/clock/backoff';
import type { Clock } from '@/lib/clock/clock';
import { asFieldlineError, FieldlineError } from '@/lib/errors';

export interface RetryLimits {
  /** First pause after a failure, in ms; doubles up to the largest. */
  backoffMsMin: number;
  /** In ms. Small: links that come and go for seconds are the normal case, and a try costs one packet. */
  backoffMsMax: number;
  /** A run that brought nothing for this long gives up, in ms: the operator shall know, and decide. */
  giveUpMs: number;
}

export const RETRY_LIMITS: RetryLimits = { backoffMsMin: 200, backoffMsMax: 1_000, giveUpMs: 15 * 60_000 };
/** Pauses vary by this share, so that the workers of a run do not knock all at once. */
const JITTER_SHARE = 0.2;

/** The outages of one run, shared by its workers: any byte that arrives ends one. */
export class Outage {
  #since: number | null = null;
  #failures = 0;
  #reason: string | null = null;

  constructor(
    private readonly limits: RetryLimits,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {}

  /** Why nothing moves at the moment; null while something does. */
  get reason(): string | null {
    return this.#reason;
  }

  progress(): void {
    this.#since = null;
    this.#failures = 0;
    this.#reason = null;
  }

  /** Does `work` again while it fails in a way that may pass. Fails as `work` does, or with UNAVAILABLE once it lasts too long. */
  async persist<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      this.signal.throwIfAborted();
      try {
        return await work();
      } catch (thrown) {
        this.signal.throwIfAborted();
        await this.#pause(asFieldlineError(thrown, 'UNAVAILABLE'));
      }
    }
  }

  async #pause(error: FieldlineError): Promise<void> {
    if (!error.retriable) throw error;
    const now = this.clock.now();
    this.#since ??= now;
    this.#failures += 1;
    this.#reason = error.message;
    if (now - this.#since >= this.limits.giveUpMs)
      throw new FieldlineError(
        'UNAVAILABLE',
        `Gave up after ${Math.round((now - this.#since) / 1000)} s without a byte: ${error.message}`,
        {
          cause: error,
          retriable: false,
          remedy: 'Start the mirror again when the link is up; what was brought is kept',
        },
      );
    const { backoffMsMin: minMs, backoffMsMax: maxMs } = this.limits;
    await this.clock.sleep(backoffMs(this.#failures, { minMs, maxMs, jitterShare: JITTER_SHARE }), this.signal);
  }
}
