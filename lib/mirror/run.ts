import type { Clock } from '@/lib/clock/clock';
import { asFieldlineError, type ErrorCode, FieldlineError, isFieldlineError } from '@/lib/errors';
import { type BringContext, bring } from './bring';
import { Outage, type RetryLimits } from './outage';
import { type MirrorPlan, planMirror, type Transfer } from './plan';
import { Progress } from './progress';
import type { MirrorSource, SourceFile } from './source';
import type { MirrorTarget } from './target';

/** Files on their way at once: on a link of long latency each small file costs a round trip. */
export const TRANSFERS_MAX = 6;
/** From this size on one file fills the link by itself; of these one at a time, so that the others never wait behind several. */
export const LARGE_FILE_BYTES = 4 * 1024 * 1024;
/** A file that has other content at every look is left for a later run. */
const CHANGES_MAX = 5;
/** What concerns one file only; the others go on. */
const FILE_ERRORS: ErrorCode[] = ['DIGEST_MISMATCH', 'PROTOCOL', 'PATH_OUTSIDE_VOLUME', 'CONFLICT', 'REQUEST_INVALID'];

export interface RunContext {
  target: MirrorTarget;
  source: MirrorSource;
  limits: RetryLimits;
  clock: Clock;
  signal: AbortSignal;
  /** Told at the start, to be asked why nothing moves. */
  onOutage(outage: Outage): void;
  /** Told once the listing is complete. */
  onPlanned(progress: Progress): void;
}

/** The whole listing of the source. An interruption goes on after the last page; anything but the end of the list throws. */
export async function listSource(
  source: MirrorSource,
  outage: Outage | null,
  signal: AbortSignal,
): Promise<Map<string, SourceFile>> {
  const files = new Map<string, SourceFile>();
  let after: string | null = null;
  const walk = async () => {
    for await (const page of source.list(after, signal)) {
      for (const file of page) files.set(file.path, file);
      after = page.at(-1)?.path ?? after;
      outage?.progress();
    }
  };
  await (outage ? outage.persist(walk) : walk());
  return files;
}

/** What the plan would bring, with what is kept of it. */
export async function progressOf(plan: MirrorPlan, target: MirrorTarget): Promise<Progress> {
  const kept = await target.kept();
  const progress = new Progress();
  for (const { file } of plan.links) progress.add(file.sha256, 0, 0, [file]);
  for (const { sha256, bytes, targets } of plan.transfers)
    progress.add(sha256, bytes, Math.min(kept.get(sha256) ?? 0, bytes), targets);
  return progress;
}

/** One mirror run: list, bring, then delete. Throws when anything is left to do; the files that were there stay. */
export async function runMirror(context: RunContext): Promise<void> {
  const run = new MirrorRun(context);
  await run.run();
}

class MirrorRun {
  readonly #context: RunContext;
  /** Aborts the workers: the caller's signal, or the first error that concerns all. */
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  readonly #outage: Outage;
  #queue: Transfer[] = [];
  readonly #active = new Map<string, Transfer>();
  readonly #changes = new Map<string, number>();
  /** Verified, but a directory that will be deleted is in the way. */
  readonly #deferred: SourceFile[] = [];
  readonly #failures: FieldlineError[] = [];
  #progress = new Progress();

  constructor(context: RunContext) {
    this.#context = context;
    this.#signal = AbortSignal.any([context.signal, this.#abort.signal]);
    this.#outage = new Outage(context.limits, context.clock, this.#signal);
    context.onOutage(this.#outage);
  }

  async run(): Promise<void> {
    const { target, source } = this.#context;
    const listing = await listSource(source, this.#outage, this.#signal);
    const plan = planMirror(listing, await target.index(), source.restoredAt?.());
    await this.#prepare(plan);
    await this.#work();
    if (this.#failures.length > 0) throw this.#failure();
    for (const file of plan.deletions) await target.remove(file);
    for (const file of this.#deferred) await this.#install(file);
    await target.clear();
  }

  async #prepare(plan: MirrorPlan): Promise<void> {
    const { target, onPlanned } = this.#context;
    const wanted = [...plan.transfers.map(({ sha256 }) => sha256), ...plan.links.map(({ file }) => file.sha256)];
    await target.keepOnly(new Set(wanted));
    const linked = await this.#linkAside(plan);
    this.#queue = [...linked, ...plan.transfers].sort((a, b) => a.bytes - b.bytes);
    this.#progress = await progressOf(plan, target);
    onPlanned(this.#progress);
    const kept = await target.kept();
    const missing = this.#queue.map(({ sha256, bytes }) => Math.max(0, bytes - (kept.get(sha256) ?? 0)));
    await target.checkSpace(missing.reduce((sum, bytes) => sum + bytes, 0));
  }

  /** Content that is here under another name, linked aside before anything is replaced: two files that swapped names both find theirs. */
  async #linkAside(plan: MirrorPlan): Promise<Transfer[]> {
    const linked = new Map<string, Transfer>();
    for (const { from, file } of plan.links) {
      const known = linked.get(file.sha256);
      if (known) known.targets.push(file);
      else {
        await this.#context.target.takeAside(from, file.sha256);
        linked.set(file.sha256, { sha256: file.sha256, bytes: file.bytes, targets: [file] });
      }
    }
    return [...linked.values()];
  }

  async #work(): Promise<void> {
    const workers = Array.from({ length: TRANSFERS_MAX }, async () => {
      try {
        for (let transfer = this.#next(); transfer; transfer = this.#next()) await this.#transfer(transfer);
      } catch (error) {
        this.#abort.abort(error);
        throw error;
      }
    });
    const ends = await Promise.allSettled(workers);
    // The first to fail aborted the others, so the reason is its error and not theirs.
    if (this.#abort.signal.aborted) throw this.#abort.signal.reason;
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** The smallest that waits; undefined when only large files wait and one is on its way. */
  #next(): Transfer | undefined {
    const isLarge = (transfer: Transfer) => transfer.bytes >= LARGE_FILE_BYTES;
    const first = this.#queue[0];
    if (!first || (isLarge(first) && [...this.#active.values()].some(isLarge))) return undefined;
    this.#queue.shift();
    this.#active.set(first.sha256, first);
    return first;
  }

  async #transfer(transfer: Transfer): Promise<void> {
    try {
      while (transfer.targets.length > 0) {
        const file = transfer.targets[0]!;
        const brought = await bring(file, this.#bringContext());
        if (brought.kind === 'complete') await this.#installAll(transfer);
        else {
          transfer.targets.shift();
          this.#progress.withdraw(file.sha256, file.path);
          if (brought.kind === 'changed') this.#again({ ...file, sha256: brought.sha256, bytes: brought.bytes });
        }
      }
    } catch (error) {
      if (!isFieldlineError(error, ...FILE_ERRORS)) throw error;
      this.#failures.push(error);
    } finally {
      this.#active.delete(transfer.sha256);
    }
  }

  async #installAll(transfer: Transfer): Promise<void> {
    let isDeferred = false;
    for (let file = transfer.targets.shift(); file; file = transfer.targets.shift()) {
      try {
        await this.#install(file);
      } catch (error) {
        if (!isFieldlineError(error, 'CONFLICT')) throw error;
        this.#deferred.push(file);
        isDeferred = true;
      }
    }
    if (!isDeferred) await this.#context.target.drop(transfer.sha256);
  }

  async #install(file: SourceFile): Promise<void> {
    await this.#context.target.install(file);
    this.#progress.fileDone(file.sha256, file.path);
  }

  /** The source changed a file after it was listed: its new content is brought like any other. */
  #again(file: SourceFile): void {
    const changes = (this.#changes.get(file.path) ?? 0) + 1;
    this.#changes.set(file.path, changes);
    if (changes > CHANGES_MAX)
      throw new FieldlineError('PROTOCOL', `"${file.path}" changes at the source all the time`);
    this.#progress.add(file.sha256, file.bytes, 0, [file]);
    const same = this.#active.get(file.sha256) ?? this.#queue.find(({ sha256 }) => sha256 === file.sha256);
    if (same) same.targets.push(file);
    else {
      const at = this.#queue.findIndex(({ bytes }) => bytes > file.bytes);
      const transfer = { sha256: file.sha256, bytes: file.bytes, targets: [file] };
      this.#queue.splice(at < 0 ? this.#queue.length : at, 0, transfer);
    }
  }

  #bringContext(): BringContext {
    const { source, target, clock } = this.#context;
    return {
      source,
      target,
      outage: this.#outage,
      signal: this.#signal,
      onBytes: (sha256, delta) => this.#progress.received(sha256, delta, clock.now()),
    };
  }

  #failure(): FieldlineError {
    const [first] = this.#failures;
    const others = this.#failures.length - 1;
    const more = others > 0 ? ` (and ${others} more files failed)` : '';
    const error = asFieldlineError(first);
    return new FieldlineError(error.code, `${error.message}${more}`, { cause: error, retriable: false });
  }
}
