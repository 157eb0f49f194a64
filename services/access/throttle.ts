/** How often somebody may try. Counters are in memory: a restart forgets them, which costs an attacker a restart. */
import type { RateLimiterMemory as Limiter } from 'rate-limiter-flexible';
// The package's index loads a dozen stores; only this file of it has no types of its own.
// @ts-expect-error
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import { FieldlineError } from '@/lib/errors';

/** Counts in memory. */
export const limiter = (points: number, durationSeconds: number): Limiter =>
  new RateLimiterMemory({ points, duration: durationSeconds });

/** Wrong passwords are remembered for this long after the first. */
const MEMORY_SECONDS = 60 * 60;
/** Wrong tries before each further one costs a pause. A name tried from many addresses, and an address that tries many names, have more. */
const FREE_TRIES = { pair: 5, name: 20, address: 40 };
/** Pauses double from the first to the last. */
const PAUSE_FIRST_SECONDS = 5;
const PAUSE_LAST_SECONDS = 15 * 60;

/** Calls a minute: of an identity (pages load many previews), and of an address without one. */
const CALLS_PER_MINUTE = { identity: 6000, address: 600 };

/** The pause after wrong try number `tries` beyond those that are free, in seconds. */
export const pauseSeconds = (tries: number): number =>
  tries <= 0 ? 0 : Math.min(PAUSE_LAST_SECONDS, PAUSE_FIRST_SECONDS * 2 ** Math.min(tries - 1, 20));

/** Lock-out with backoff by account and by address. Names that nobody has are counted like others: the answers tell nothing. */
export class SignInThrottle {
  readonly #tries = limiter(1, MEMORY_SECONDS);
  readonly #locks = limiter(1, PAUSE_LAST_SECONDS);
  #turn: Promise<void> = Promise.resolve();

  /** Counts a try before it is judged, one after the other, so that many at once are not free. Fails with RATE_LIMITED during a pause. */
  attempt(name: string, address: string): Promise<void> {
    const turn = this.#turn.then(() => this.#count(name, address));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #count(name: string, address: string): Promise<void> {
    const keys = keysOf(name, address);
    for (const { key } of keys) {
      const lock = await this.#locks.get(key);
      if (lock && lock.consumedPoints > 0) throw limited(lock.msBeforeNext, 'Too many tries');
    }
    for (const { key, free } of keys) {
      const { consumedPoints } = await this.#tries.penalty(key);
      const pause = pauseSeconds(consumedPoints - free);
      if (pause > 0) await this.#locks.block(key, pause);
    }
  }

  /** The last try was right: it and those before it are forgotten, for the name; the address gets this one back. */
  async succeeded(name: string, address: string): Promise<void> {
    const [pair, account, from] = keysOf(name, address);
    for (const { key } of [pair!, account!]) {
      await this.#tries.delete(key);
      await this.#locks.delete(key);
    }
    await this.#tries.reward(from!.key);
  }
}

const keysOf = (name: string, address: string) => [
  { key: `pair ${address} ${name}`, free: FREE_TRIES.pair },
  { key: `name ${name}`, free: FREE_TRIES.name },
  { key: `address ${address}`, free: FREE_TRIES.address },
];

/** A general bound of what one caller may ask. */
export class CallThrottle {
  readonly #identities = limiter(CALLS_PER_MINUTE.identity, 60);
  readonly #addresses = limiter(CALLS_PER_MINUTE.address, 60);

  /** Fails with RATE_LIMITED. */
  async count(caller: { identity: string } | { address: string }): Promise<void> {
    const counted =
      'identity' in caller ? this.#identities.consume(caller.identity) : this.#addresses.consume(caller.address);
    await counted.catch((refused: { msBeforeNext?: number }) => {
      throw limited(refused.msBeforeNext ?? 1000, 'Too many calls');
    });
  }
}

function limited(ms: number, what: string): FieldlineError {
  const retryAfterSeconds = Math.max(1, Math.ceil(ms / 1000));
  return new FieldlineError('RATE_LIMITED', what, {
    remedy: `Try again in ${retryAfterSeconds} s`,
    details: { retryAfterSeconds },
  });
}
