/**
 * The mirror of one volume: start, stop, what waits, how far. One run at a time, in this process.
 *
 * A run is an operator's wish, kept in the state until it succeeds, fails or is stopped: when the process ends in the middle (also by a
 * kill), the next one knows, and can go on from the bytes that are kept.
 */
import type { Clock } from '@/lib/clock/clock';
import { asFieldlineError, errorMessage, FieldlineError, isFieldlineError } from '@/lib/errors';
import type { MirrorStatus } from '@/lib/ports/volumes';
import type { Hold } from './hold';
import type { Outage, RetryLimits } from './outage';
import { planMirror } from './plan';
import type { Figures, Progress } from './progress';
import { listSource, progressOf, runMirror } from './run';
import type { MirrorSource } from './source';
import type { MirrorTarget } from './target';

/** Asking the source what waits is for a person who looks at it: no answer within this many ms is an answer too. */
const REFRESH_TIMEOUT_MS = 20_000;

export interface MirrorState {
  /** A run was started and neither ended nor was stopped. */
  running: boolean;
  startedAt: number | null;
  lastSuccessAt: number | null;
  lastError: string | null;
}

export const NEVER_RUN: MirrorState = { running: false, startedAt: null, lastSuccessAt: null, lastError: null };

/** Keeps the state; an update resolves once it is durable. */
export interface MirrorStateStore {
  readonly value: MirrorState;
  update(change: (state: MirrorState) => MirrorState): Promise<void>;
}

export interface MirrorEngineOptions {
  target: MirrorTarget;
  state: MirrorStateStore;
  /** The source as `volume@cluster`. */
  sourceName: string;
  /** A source for one run; it may remember addresses for as long as that lasts. */
  openSource: () => MirrorSource | Promise<MirrorSource>;
  limits: RetryLimits;
  clock: Clock;
  /** Only where several processes may run the same mirror: fails with MIRROR_RUNNING while another has it. */
  hold?: () => Promise<Hold>;
  log?: Record<'info' | 'warn' | 'error', (message: string, facts: Record<string, unknown>) => void>;
}

/** A run under way. */
interface Run {
  abort: AbortController;
  ended: Promise<void>;
  /** Null until the source has been listed. */
  progress: Progress | null;
  outage: Outage | null;
}

const NOTHING_KNOWN: Figures = {
  filesTotal: null,
  bytesTotal: null,
  filesDone: 0,
  bytesDone: 0,
  pending: [],
  bytesPerSecond: 0,
};

export class MirrorEngine {
  #run: Run | null = null;
  /** What the next run has to do, as of its last look. */
  #waiting: { progress: Progress; asOf: number } | null = null;
  #refreshing: Promise<void> | null = null;
  #refreshError: string | null = null;
  #closed = false;

  constructor(private readonly options: MirrorEngineOptions) {}

  get isRunning(): boolean {
    return this.#run !== null;
  }

  /** Why the last `refresh` could not ask the source; null when it could. */
  get refreshError(): string | null {
    return this.#refreshError;
  }

  /** Resolves when the run is noted down and under way. Fails with MIRROR_RUNNING, DISK_FULL. */
  async start(): Promise<void> {
    if (this.#run)
      throw new FieldlineError('MIRROR_RUNNING', `The mirror of ${this.options.sourceName} is running already`);
    const { clock, state, target, hold } = this.options;
    const held = await hold?.();
    const startedAt = clock.now();
    const noted = state.update((before) => ({ ...before, running: true, startedAt, lastError: null }));
    this.#launch(noted, held);
    await noted.catch((error: unknown) => {
      throw target.failure(error);
    });
  }

  /** Goes on with a run that the end of the process interrupted. */
  resume(): void {
    if (!this.options.state.value.running || this.#run) return;
    this.options.log?.info('A mirror run that was interrupted goes on', { source: this.options.sourceName });
    this.#launch(Promise.resolve());
  }

  /** Idempotent; resolves when nothing moves any more. What was brought is kept. */
  async stop(): Promise<void> {
    if (!this.#run) return;
    this.#run.abort.abort(new FieldlineError('ABORTED', 'The mirror was stopped'));
    await this.#run.ended;
  }

  /** Ends the run for this process only: the next one resumes it. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.stop();
    await this.#refreshing;
  }

  /** As far as known; `refresh` asks the source first, which uses the link. */
  async status(options: { refresh?: boolean } = {}): Promise<MirrorStatus> {
    if (options.refresh && !this.#run) await this.#refresh();
    const now = this.options.clock.now();
    const { startedAt, lastSuccessAt, lastError } = this.options.state.value;
    const progress = this.#run ? this.#run.progress : (this.#waiting?.progress ?? null);
    return {
      state: this.#run ? 'running' : lastError !== null ? 'failed' : 'idle',
      source: this.options.sourceName,
      ...(progress ? progress.figures(now) : NOTHING_KNOWN),
      startedAt,
      lastSuccessAt,
      // A run that waits for the link says so: it is neither failed nor moving.
      lastError: this.#run ? (this.#run.outage?.reason ?? null) : lastError,
      asOf: this.#run ? now : (this.#waiting?.asOf ?? now),
    };
  }

  #launch(noted: Promise<void>, held?: Hold): void {
    const abort = new AbortController();
    const run: Run = { abort, ended: Promise.resolve(), progress: null, outage: null };
    this.#run = run;
    run.ended = this.#perform(run, noted, held);
  }

  async #perform(run: Run, noted: Promise<void>, held?: Hold): Promise<void> {
    const { target, limits, clock, log, sourceName } = this.options;
    const stopped = run.abort.signal;
    const signal = held ? AbortSignal.any([stopped, held.lost]) : stopped;
    let failure: FieldlineError | null = null;
    try {
      await noted;
      const onPlanned = (progress: Progress) => {
        run.progress = progress;
      };
      const onOutage = (outage: Outage) => {
        run.outage = outage;
      };
      const source = await this.options.openSource();
      await runMirror({ target, source, limits, clock, signal, onPlanned, onOutage });
    } catch (error) {
      failure = target.failure(error);
    }
    if (run.progress) this.#waiting = { progress: run.progress.rest(), asOf: clock.now() };
    // Who has lost the right to run it may not write its state either: whoever has it now does.
    if (!held?.lost.aborted) await this.#conclude(failure, stopped.aborted);
    await held?.release();
    if (failure === null) log?.info('A mirror run succeeded', { source: sourceName });
    else if (!stopped.aborted) log?.warn('A mirror run failed', { source: sourceName, reason: failure.message });
    this.#run = null;
  }

  /** Notes how a run ended. That this can not be written must not keep the engine from the next run. */
  async #conclude(failure: FieldlineError | null, stopped: boolean): Promise<void> {
    if (failure !== null && stopped && this.#closed) return;
    const now = this.options.clock.now();
    const change = (state: MirrorState): MirrorState => {
      if (failure === null) return { ...state, running: false, lastSuccessAt: now, lastError: null };
      return { ...state, running: false, lastError: stopped ? null : sentenceOf(failure) };
    };
    try {
      await this.options.state.update(change);
    } catch (error) {
      this.options.log?.error('The end of a mirror run could not be written down', { reason: errorMessage(error) });
    }
  }

  /** Several who ask at once share one look at the source. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#look().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #look(): Promise<void> {
    const { target, clock, openSource } = this.options;
    try {
      const listing = await listSource(await openSource(), null, AbortSignal.timeout(REFRESH_TIMEOUT_MS));
      const progress = await progressOf(planMirror(listing, await target.index()), target);
      // A run that began meanwhile knows better.
      if (!this.#run) this.#waiting = { progress, asOf: clock.now() };
      this.#refreshError = null;
    } catch (error) {
      // The last known figures stay, with their age; that the source does not answer is the normal state of a thin link.
      this.#refreshError = sentenceOf(asFieldlineError(error));
      if (isFieldlineError(error, 'NOT_FOUND')) this.#waiting = null;
    }
  }
}

const sentenceOf = (error: FieldlineError) => (error.remedy ? `${error.message}. ${error.remedy}` : error.message);
