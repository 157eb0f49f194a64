/**
 * Mirrors into volumes of this bucket from volumes of another site's. An object store runs nothing by itself, so a run belongs to the
 * process that started it: its end stops the run, which the state then says, and what was brought is kept for the next.
 */
import type { Clock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import { MirrorEngine, type MirrorState } from '@/lib/mirror/engine';
import type { Hold, TryHold } from '@/lib/mirror/hold';
import { RETRY_LIMITS, type RetryLimits } from '@/lib/mirror/outage';
import type { MirrorStatus } from '@/lib/ports/volumes';
import { mirrorStateKey, S3Bucket, type S3Settings, s3Source, VolumeDigests } from '@/lib/s3';
import { BucketMirrorState, type MirrorOf, storedMirror } from './state';
import { BucketTarget } from './target';

/** Objects of a listing page, which crosses the link to HQ. */
const SOURCE_PAGE_OBJECTS = 200;
const SOURCE_IDLE_TIMEOUT_MS = 60_000;

export interface S3MirrorOptions {
  /** The bucket that holds the volumes of a site. */
  sourceOf(site: string): S3Settings;
  tryHold: TryHold;
  limits?: RetryLimits;
}

interface Mirror {
  engine: MirrorEngine;
  state: BucketMirrorState;
  source: S3Bucket;
}

export class Mirrors {
  readonly #mirrors = new Map<string, Mirror>();
  /** Volumes known not to be mirrors. */
  readonly #others = new Set<string>();

  constructor(
    private readonly bucket: S3Bucket,
    private readonly context: { mission: string; clock: Clock; options: S3MirrorOptions | null },
  ) {}

  /** Idempotent. `digests`: of the volume, which exists. */
  async ensure(digests: VolumeDigests, source: MirrorOf): Promise<void> {
    const { options, clock, mission } = this.context;
    const { volume } = digests;
    if (!options)
      throw new FieldlineError(
        'UNSUPPORTED',
        `No other bucket is known here; "${volume}" can only be the source of a mirror`,
      );
    const known = this.#mirrors.get(volume);
    if (known && known.state.source.volume === source.volume && known.state.source.site === source.site) return;
    if (known?.engine.isRunning)
      throw new FieldlineError('MIRROR_RUNNING', `The mirror "${volume}" is running`, { remedy: 'Stop it first' });
    const from = new S3Bucket(options.sourceOf(source.site), {
      idleTimeoutMs: SOURCE_IDLE_TIMEOUT_MS,
      // A run has retries of its own.
      attemptsMax: 1,
      pageObjects: SOURCE_PAGE_OBJECTS,
    });
    const listed = new VolumeDigests(from, `${mission}.${source.volume}`);
    const state = new BucketMirrorState(this.bucket, volume, source);
    await state.read();
    if (state.value.startedAt === null) await state.update((value) => value);
    const engine = new MirrorEngine({
      target: new BucketTarget(digests),
      state,
      sourceName: `${source.volume}@${source.site}`,
      openSource: () => s3Source(listed),
      limits: options.limits ?? RETRY_LIMITS,
      clock,
      hold: () => this.#hold(volume, options),
    });
    known?.source.close();
    this.#others.delete(volume);
    this.#mirrors.set(volume, { engine, state, source: from });
  }

  /** Also of a mirror that another process declared. */
  async isMirror(volume: string): Promise<boolean> {
    if (this.#mirrors.has(volume)) return true;
    if (this.#others.has(volume)) return false;
    if (await this.bucket.head(mirrorStateKey(volume))) return true;
    this.#others.add(volume);
    return false;
  }

  async start(volume: string): Promise<void> {
    const { engine, state } = this.#require(volume);
    if (!engine.isRunning) await state.read();
    await engine.start();
  }

  async stop(volume: string): Promise<void> {
    await this.#require(volume).engine.stop();
  }

  /** Also of a mirror that another process declared. `digests`: of the volume. */
  async status(digests: VolumeDigests, refresh: boolean): Promise<MirrorStatus> {
    const { volume } = digests;
    if (this.context.options && !this.#mirrors.has(volume)) {
      const stored = await storedMirror(this.bucket, volume);
      if (stored) await this.ensure(digests, stored.source);
    }
    const { engine, state } = this.#require(volume);
    if (!engine.isRunning) {
      await state.read();
      // Of a run that is not ours: either another process has it, or that one has ended in the middle.
      if (state.value.running && !(await this.#settle(volume, state)))
        return { ...(await engine.status()), state: 'running', startedAt: state.value.startedAt };
    }
    return engine.status({ refresh });
  }

  /** Ends the runs; they can be gone on with. */
  async close(): Promise<void> {
    for (const { engine, source } of this.#mirrors.values()) {
      await engine.close();
      source.close();
    }
  }

  /** True when nobody runs it any more, which the state then says. */
  async #settle(volume: string, state: BucketMirrorState): Promise<boolean> {
    const hold = await this.context.options!.tryHold(volume);
    if (!hold) return false;
    const ended = (value: MirrorState): MirrorState => ({
      ...value,
      running: false,
      lastError: 'The app ended in the middle of the run. Start it again: it goes on with what was brought',
    });
    try {
      await state.read();
      if (state.value.running) await state.update(ended);
    } finally {
      await hold.release();
    }
    return true;
  }

  async #hold(volume: string, { tryHold }: S3MirrorOptions): Promise<Hold> {
    const hold = await tryHold(volume);
    if (hold) return hold;
    throw new FieldlineError('MIRROR_RUNNING', `Another process of this site runs the mirror "${volume}"`);
  }

  #require(volume: string): Mirror {
    const mirror = this.#mirrors.get(volume);
    if (mirror) return mirror;
    throw this.context.options
      ? new FieldlineError('CONFLICT', `"${volume}" is not a mirror`)
      : new FieldlineError('UNSUPPORTED', 'No other bucket is known here: nothing can be mirrored');
  }
}
