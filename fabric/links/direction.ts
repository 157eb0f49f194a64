import type { Clock } from '@/lib/clock/clock';
import { asFieldlineError, type FieldlineError, isFieldlineError } from '@/lib/errors';
import type { LinkDirectionName, LinkState } from '@/lib/ports/links';
import type { FabricLog } from '../logger';
import { Backoff } from './backoff';
import type { Attempt } from './context';
import { type LinkEvent, nextLinkState } from './states';

export interface DirectionOptions {
  name: LinkDirectionName;
  paused: boolean;
  /** One attempt: connects, says so, carries until it fails or the signal aborts. */
  carry: (attempt: Attempt) => Promise<void>;
  clock: Clock;
  log: FabricLog;
}

/** Keeps one direction of a link in the state it should be in: events only wake the loop. */
export class Direction {
  readonly #options: DirectionOptions;
  readonly #backoff = new Backoff();
  readonly #done: Promise<void>;
  readonly #closing = new AbortController();
  #state: LinkState;
  #error: { message: string; at: number } | null = null;
  /** Ends the attempt or the wait that is under way. */
  #current = new AbortController();

  constructor(options: DirectionOptions) {
    this.#options = options;
    this.#state = options.paused ? 'paused' : 'connecting';
    this.#done = this.#loop();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** What went wrong last; null while all is well. */
  get error(): { message: string; at: number } | null {
    return this.#error;
  }

  pause(): void {
    this.#step('pause');
    this.#current.abort();
  }

  /** Also gives a failed direction another chance. */
  resume(): void {
    const before = this.#state;
    this.#step('resume');
    if (before !== this.#state) this.#retryNow();
  }

  /** There is reason to believe that HQ can be reached now. */
  wake(): void {
    if (this.#state === 'down') this.#retryNow();
  }

  /** Starts anew with what is configured now. */
  restart(): void {
    if (this.#state === 'down' || this.#state === 'failed') this.#step('resume');
    this.#retryNow();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#current.abort();
    await this.#done;
  }

  #retryNow(): void {
    this.#backoff.reset();
    this.#current.abort();
  }

  async #loop(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      this.#current = new AbortController();
      const { signal } = this.#current;
      // `up` here: what there is to carry has changed, and is looked at anew without a word.
      if (this.#state === 'connecting' || this.#state === 'up') await this.#attempt(signal);
      else if (this.#state === 'down') {
        await this.#wait(signal, this.#backoff.next());
        this.#step('retry');
      } else await this.#wait(signal);
    }
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    let connected = false;
    try {
      await this.#options.carry({
        signal,
        connected: () => {
          if (signal.aborted) return;
          connected = true;
          this.#error = null;
          this.#step('connected');
        },
      });
    } catch (cause) {
      // Ended by us (pause, resume, close): nothing went wrong.
      if (!signal.aborted) this.#failed(asFieldlineError(cause), connected);
    }
  }

  #failed(error: FieldlineError, connected: boolean): void {
    const remedy = error.remedy ? `. ${error.remedy}` : '';
    this.#error = { message: `${error.message}${remedy}`, at: this.#options.clock.now() };
    // A link that comes and goes is tried anew soon; a broker that refuses is not pressed.
    if (connected && error.details.kafkaError === undefined) this.#backoff.reset();
    this.#step(isFieldlineError(error, 'LINK_DIVERGED') ? 'diverged' : connected ? 'lost' : 'unreachable');
  }

  #step(event: LinkEvent): void {
    const before = this.#state;
    this.#state = nextLinkState(before, event);
    if (this.#state === before) return;
    const { log, name } = this.#options;
    const data = { direction: name, from: before, to: this.#state, ...(this.#error && { error: this.#error.message }) };
    if (this.#state === 'failed') log.warn(`The ${name} link failed`, data);
    else if (this.#state !== 'connecting') log.info(`The ${name} link is ${this.#state}`, data);
  }

  /** Until the signal aborts, or `ms` are over. */
  async #wait(signal: AbortSignal, ms?: number): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }
}
