import { FieldlineError } from '@/lib/errors';

export interface DeadlineOptions {
  totalTimeoutMs: number | null;
  idleTimeoutMs: number | null;
  signal?: AbortSignal;
  /** Names the server in messages. */
  where: string;
}

/**
 * The three ends of one exchange in one signal: the caller's abort, the total time, and silence of the server.
 * Silence is counted only between `wait` and `heard`, so that a slow reader of a body is not taken for a silent server.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #options: DeadlineOptions;
  readonly #total: NodeJS.Timeout | undefined;
  readonly #onAbort = () => this.end(new FieldlineError('ABORTED', `The call to ${this.#options.where} was aborted`));
  #idle: NodeJS.Timeout | undefined;

  constructor(options: DeadlineOptions) {
    this.#options = options;
    const { totalTimeoutMs, signal, where } = options;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (totalTimeoutMs !== null)
      this.#total = setTimeout(
        () => this.end(new FieldlineError('TIMEOUT', `${where} did not finish its answer within ${totalTimeoutMs} ms`)),
        totalTimeoutMs,
      );
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it ended; undefined while it has not. */
  get reason(): FieldlineError | undefined {
    return this.signal.aborted ? (this.signal.reason as FieldlineError) : undefined;
  }

  /** The server's turn begins (again). */
  wait(): void {
    const { idleTimeoutMs, where } = this.#options;
    if (idleTimeoutMs === null || this.signal.aborted) return;
    if (this.#idle) {
      this.#idle.refresh();
      return;
    }
    this.#idle = setTimeout(
      () => this.end(new FieldlineError('TIMEOUT', `${where} was silent for ${idleTimeoutMs} ms`)),
      idleTimeoutMs,
    );
  }

  heard(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
  }

  /** The exchange is over; nothing fires any more. */
  done(): void {
    this.heard();
    clearTimeout(this.#total);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }

  /** Ends the exchange now, for this reason; the first reason stays. */
  end(reason: FieldlineError): void {
    this.done();
    this.#controller.abort(reason);
  }
}
