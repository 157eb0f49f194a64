import type { Service } from '@/lib/api/schemas';
import { backoffMs } from '@/lib/clock/backoff';
import type { Clock } from '@/lib/clock/clock';
import { type DesiredState, SERVICE_TITLES, type ServiceState } from '@/lib/domain/services';
import { asFieldlineError, FieldlineError } from '@/lib/errors';
import type { LogLevel, ServiceDefinition, ServiceInstance, ServiceReport } from '../contract';
import { type LifecycleEvent, transition } from './lifecycle';
import { Meter } from './meter';

/** A service that is not running after this has hung at the start. */
export const START_TIMEOUT_MS = 30_000;
/** A stop never takes longer; what is not finished then is done again later, since every effect is idempotent. */
export const STOP_DEADLINE_MS = 10_000;
/** Short at first, since most failures are a fabric that is just coming up; an operator who mended something sees it move within half a minute. */
export const RESTART_BACKOFF = { minMs: 500, maxMs: 30_000 };
/** A service that ran this long had recovered: its next failure backs off from the beginning. */
export const STABLE_AFTER_MS = 30_000;
/** While only counters change, the pages hear of it this often. */
export const PUBLISH_INTERVAL_MS = 1000;

export interface RunnerOptions {
  site: string;
  definition: ServiceDefinition;
  clock: Clock;
  /** Starts the service: waits for the fabric, then builds the context and calls the definition. */
  start(definition: ServiceDefinition, hooks: RunnerHooks): Promise<ServiceInstance>;
  publish(service: Service): void;
  /** A piece of work took so long. */
  onWork(ms: number): void;
  /** Logs of state changes, always on. */
  onTransition(from: ServiceState, to: ServiceState, service: Service): void;
}
export interface RunnerHooks {
  signal: AbortSignal;
  report: ServiceReport;
  logLevel: () => LogLevel;
}

interface Attempt {
  readonly abort: AbortController;
  /** Settles when the start has; never rejects. */
  settled: Promise<ServiceInstance | null>;
}

/**
 * One service and the loop that brings its actual state to the desired one. Events are applied one after the other, each by the table in
 * lifecycle.ts; effects run beside and report back as events. Events of an attempt that is no longer the current one are ignored.
 */
export class ServiceRunner {
  readonly #options: RunnerOptions;
  readonly #clock: Clock;
  readonly #meter: Meter;
  #desired: DesiredState = 'running';
  /** Stopped for a while, whatever is desired. */
  #held = false;
  #state: ServiceState = 'stopped';
  #stateSinceMs: number;
  #attempt: Attempt | null = null;
  #instance: ServiceInstance | null = null;
  /** The previous attempt being taken down; the next start waits for it, so that a service never runs twice. */
  #teardown: Promise<void> = Promise.resolve();
  #backoff: AbortController | null = null;
  #nextAttemptAtMs: number | null = null;
  #failuresInARow = 0;
  #restarts = 0;
  /** Why it is degraded, by the part of the service that says so. */
  readonly #degraded = new Map<string, string>();
  #lagRecords: number | null = null;
  #lastError: { atMs: number; code: string; message: string } | null = null;
  #lastActivity: { atMs: number; what: string | null } | null = null;
  #publishTimer: AbortController | null = null;
  logLevel: LogLevel = 'off';

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#stateSinceMs = options.clock.now();
    this.#meter = new Meter(this.#stateSinceMs);
  }

  get desired(): DesiredState {
    return this.#desired;
  }

  /** Sets what is wanted and reconciles. An order to run that finds the service faulted ends its backoff. */
  setDesired(desired: DesiredState): void {
    this.#desired = desired;
    if (desired === 'running' && this.#state === 'faulted') this.#apply('start');
    this.#reconcile();
    this.#publishNow();
  }

  /** Resolves when it is stopped, and stays so until `release`, whatever is desired meanwhile. */
  async hold(): Promise<void> {
    this.#held = true;
    this.#reconcile();
    while (this.#state === 'stopping') await this.#teardown;
  }

  release(): void {
    this.#held = false;
    this.#reconcile();
  }

  /** Something outside got better (the fabric answers): do not sit out the backoff. */
  retryNow(): void {
    if (this.#state === 'faulted' && this.#desired === 'running') this.#apply('retry');
  }

  wake(reason: string): void {
    this.#instance?.wake?.(reason);
  }

  /** Stops without a change to the desired state; the runner is not to be used afterwards. */
  async shutDown(): Promise<void> {
    this.#desired = 'stopped';
    this.#reconcile();
    while (this.#state === 'stopping') await this.#teardown;
    await this.#teardown;
    this.#publishTimer?.abort();
  }

  snapshot(): Service {
    const now = this.#clock.now();
    const iso = (ms: number) => new Date(ms).toISOString();
    const { id } = this.#options.definition;
    return {
      id,
      site: this.#options.site,
      ...SERVICE_TITLES[id],
      desired: this.#desired,
      state: this.#state,
      stateSince: iso(this.#stateSinceMs),
      health: this.#health(),
      processed: this.#meter.processed,
      failed: this.#meter.failed,
      deadLetters: this.#meter.deadLetters,
      restarts: this.#restarts,
      nextAttemptAt: this.#nextAttemptAtMs === null ? null : iso(this.#nextAttemptAtMs),
      ratePerMinute: this.#meter.ratePerMinute(now),
      lag: this.#lagRecords,
      lastError: this.#lastError && {
        at: iso(this.#lastError.atMs),
        code: this.#lastError.code,
        message: this.#lastError.message,
      },
      lastActivityAt: this.#lastActivity && iso(this.#lastActivity.atMs),
      lastActivity: this.#lastActivity?.what ?? null,
      history: this.#meter.history(now),
      logLevel: this.logLevel,
    };
  }

  /** Health is apart from the lifecycle, but a faulted service is not healthy. */
  #health(): Service['health'] {
    if (this.#state === 'faulted') return { status: 'degraded', reason: this.#lastError?.message ?? 'It failed' };
    if (this.#degraded.size === 0) return { status: 'ok', reason: null };
    return { status: 'degraded', reason: [...this.#degraded.values()].join('; ') };
  }

  #reconcile(): void {
    const wanted = this.#held ? 'stopped' : this.#desired;
    if (wanted === 'running' && this.#state === 'stopped') this.#apply('start');
    if (wanted === 'stopped' && this.#state !== 'stopped' && this.#state !== 'stopping') this.#apply('stop');
  }

  #apply(event: LifecycleEvent): void {
    const from = this.#state;
    const { to, effect } = transition(from, event);
    if (to !== from) {
      this.#state = to;
      this.#stateSinceMs = this.#clock.now();
      this.#meter.enter(to, this.#stateSinceMs);
    }
    if (effect === 'begin-start') this.#beginStart();
    else if (effect === 'begin-stop') this.#beginStop();
    else if (effect === 'begin-backoff') this.#beginBackoff();
    else if (effect === 'end-backoff') this.#endBackoff();
    if (to !== from) {
      const service = this.snapshot();
      this.#options.onTransition(from, to, service);
      this.#publishNow();
      this.#reconcile();
    }
  }

  #beginStart(): void {
    if (this.#nextAttemptAtMs !== null) this.#restarts++;
    this.#endBackoff();
    this.#degraded.clear();
    this.#lagRecords = null;
    const abort = new AbortController();
    const attempt: Attempt = { abort, settled: Promise.resolve(null) };
    this.#attempt = attempt;
    const hooks: RunnerHooks = {
      signal: abort.signal,
      report: this.#reportFor(attempt),
      logLevel: () => this.logLevel,
    };
    const previous = this.#teardown;
    const starting = previous.then(() => {
      abort.signal.throwIfAborted();
      return this.#options.start(this.#options.definition, hooks);
    });
    attempt.settled = starting.then(
      (instance) => {
        // Waiting for `done` begins at once, so that a rejection is never unhandled.
        instance.done.then(
          () => this.#ended(attempt, new FieldlineError('SERVICE_FAULTED', 'It ended by itself')),
          (error: unknown) => this.#ended(attempt, error),
        );
        return instance;
      },
      (error: unknown) => {
        this.#ended(attempt, error);
        return null;
      },
    );
    void this.#watchStart(attempt);
  }

  async #watchStart(attempt: Attempt): Promise<void> {
    const timer = new AbortController();
    const timeout = this.#clock.sleep(START_TIMEOUT_MS, timer.signal).then(
      () => 'timeout' as const,
      () => null,
    );
    const outcome = await Promise.race([attempt.settled, timeout]);
    timer.abort();
    if (attempt !== this.#attempt || this.#state !== 'starting') return;
    if (outcome === 'timeout')
      this.#ended(
        attempt,
        new FieldlineError('TIMEOUT', `It was not running ${START_TIMEOUT_MS / 1000} s after it was started`),
      );
    else if (outcome !== null) {
      this.#instance = outcome;
      this.#apply('started');
    }
  }

  /** The attempt is over without having been asked to stop. */
  #ended(attempt: Attempt, error: unknown): void {
    if (attempt !== this.#attempt || this.#state === 'stopping' || this.#state === 'stopped') return;
    this.#recordError(error);
    if (this.#state === 'running' && this.#clock.now() - this.#stateSinceMs >= STABLE_AFTER_MS)
      this.#failuresInARow = 0;
    this.#failuresInARow++;
    this.#takeDown(attempt);
    this.#apply('failed');
  }

  #beginStop(): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    this.#failuresInARow = 0;
    this.#takeDown(attempt);
    void this.#teardown.then(() => this.#apply('stopped'));
  }

  /** Ends an attempt and everything it holds, within the deadline. */
  #takeDown(attempt: Attempt): void {
    this.#attempt = null;
    this.#instance = null;
    attempt.abort.abort(new FieldlineError('ABORTED', 'The service is stopping'));
    const timer = new AbortController();
    const stopped = attempt.settled
      .then((instance) => instance?.stop())
      .then(
        () => null,
        (error: unknown) => this.#recordError(error),
      );
    const deadline = this.#clock.sleep(STOP_DEADLINE_MS, timer.signal).then(
      () => 'late' as const,
      () => null,
    );
    this.#teardown = Promise.race([stopped, deadline]).then((outcome) => {
      timer.abort();
      if (outcome === 'late')
        this.#recordError(
          new FieldlineError('TIMEOUT', `It did not stop within ${STOP_DEADLINE_MS / 1000} s and was abandoned`),
        );
    });
  }

  #beginBackoff(): void {
    const waitMs = backoffMs(this.#failuresInARow, RESTART_BACKOFF);
    this.#nextAttemptAtMs = this.#clock.now() + waitMs;
    const backoff = new AbortController();
    this.#backoff = backoff;
    this.#clock.sleep(waitMs, backoff.signal).then(
      () => this.#apply('retry'),
      () => null,
    );
  }

  #endBackoff(): void {
    this.#backoff?.abort();
    this.#backoff = null;
    this.#nextAttemptAtMs = null;
  }

  #recordError(error: unknown): null {
    const { code, message } = asFieldlineError(error);
    this.#lastError = { atMs: this.#clock.now(), code, message };
    return null;
  }

  /** Reports of an attempt that is gone count for nothing. */
  #reportFor(attempt: Attempt): ServiceReport {
    const current = () => attempt === this.#attempt;
    return {
      processed: (count, what) => {
        if (!current() || count <= 0) return;
        const now = this.#clock.now();
        this.#meter.addProcessed(count, now);
        this.#lastActivity = { atMs: now, what: what ?? this.#lastActivity?.what ?? null };
        this.#publishSoon();
      },
      failed: (error, count = 1) => {
        if (!current()) return;
        this.#meter.addFailed(count, this.#clock.now());
        this.#recordError(error);
        this.#publishSoon();
      },
      deadLettered: (count = 1) => {
        if (!current()) return;
        this.#meter.deadLetters += count;
        this.#publishSoon();
      },
      degraded: (reason, part = '') => {
        if (!current() || (this.#degraded.get(part) ?? null) === reason) return;
        if (reason === null) this.#degraded.delete(part);
        else this.#degraded.set(part, reason);
        this.#publishNow();
      },
      took: (ms) => {
        if (current()) this.#options.onWork(ms);
      },
      lag: (records) => {
        if (!current() || records === this.#lagRecords) return;
        this.#lagRecords = records;
        this.#publishSoon();
      },
    };
  }

  #publishNow(): void {
    this.#publishTimer?.abort();
    this.#publishTimer = null;
    this.#options.publish(this.snapshot());
  }

  #publishSoon(): void {
    if (this.#publishTimer) return;
    const timer = new AbortController();
    this.#publishTimer = timer;
    this.#clock.sleep(PUBLISH_INTERVAL_MS, timer.signal).then(
      () => this.#publishNow(),
      () => null,
    );
  }
}
