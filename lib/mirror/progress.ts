import type { MirrorStatus } from '@/lib/ports/volumes';
import type { SourceFile } from './source';

/** Paths told in a status. */
export const PENDING_PATHS_MAX = 1000;
/** The rate is that of the last seconds, in ms. */
const RATE_WINDOW_MS = 5_000;
const RATE_SAMPLE_MS = 500;

/** What waits: contents by digest, each with its names, in the order in which they will be brought. */
interface Waiting {
  bytes: number;
  bytesDone: number;
  paths: Set<string>;
}

export type Figures = Pick<
  MirrorStatus,
  'filesTotal' | 'bytesTotal' | 'filesDone' | 'bytesDone' | 'pending' | 'bytesPerSecond'
>;

/** Counts of one run, or of what the next would have to do. */
export class Progress {
  readonly #waiting = new Map<string, Waiting>();
  #filesTotal = 0;
  #bytesTotal = 0;
  #filesDone = 0;
  #bytesDone = 0;
  /** Bytes brought since the start, by time. */
  #samples: { at: number; bytes: number }[] = [];
  #brought = 0;

  /** Files of one content; `bytesDone` are kept from before. */
  add(sha256: string, bytes: number, bytesDone: number, targets: readonly SourceFile[]): void {
    const known = this.#waiting.get(sha256);
    this.#filesTotal += targets.length;
    if (known) {
      for (const target of targets) known.paths.add(target.path);
      return;
    }
    this.#bytesTotal += bytes;
    this.#bytesDone += bytesDone;
    this.#waiting.set(sha256, { bytes, bytesDone, paths: new Set(targets.map((target) => target.path)) });
  }

  /** `delta` bytes more of a content (less, when it had to begin anew). `now` in ms. */
  received(sha256: string, delta: number, now: number): void {
    const waiting = this.#waiting.get(sha256);
    if (!waiting) return;
    waiting.bytesDone += delta;
    this.#bytesDone += delta;
    if (delta <= 0) return;
    this.#brought += delta;
    const last = this.#samples.at(-1);
    if (!last || now - last.at >= RATE_SAMPLE_MS) {
      this.#samples.push({ at: now, bytes: this.#brought });
      while (this.#samples.length > 2 && now - this.#samples[0]!.at > RATE_WINDOW_MS) this.#samples.shift();
    }
  }

  /** A file became visible. */
  fileDone(sha256: string, path: string): void {
    this.#filesDone += 1;
    this.#forget(sha256, path);
  }

  /** A file is not to be brought after all: the source lost or changed it. */
  withdraw(sha256: string, path: string): void {
    const waiting = this.#waiting.get(sha256);
    this.#filesTotal -= 1;
    this.#forget(sha256, path);
    if (!waiting || waiting.paths.size > 0) return;
    this.#bytesTotal -= waiting.bytes;
    this.#bytesDone -= waiting.bytesDone;
  }

  /** What remains as the figures of a next run: done is forgotten, kept bytes count. */
  rest(): Progress {
    const rest = new Progress();
    for (const [sha256, { bytes, bytesDone, paths }] of this.#waiting) {
      rest.#waiting.set(sha256, { bytes, bytesDone, paths });
      rest.#filesTotal += paths.size;
      rest.#bytesTotal += bytes;
      rest.#bytesDone += bytesDone;
    }
    return rest;
  }

  figures(now: number): Figures {
    const pending: Figures['pending'] = [];
    // Those on their way first, then in the order of the queue.
    for (const active of [true, false])
      for (const { bytes, bytesDone, paths } of this.#waiting.values()) {
        if (bytesDone > 0 !== active) continue;
        for (const path of paths) {
          if (pending.length >= PENDING_PATHS_MAX) break;
          pending.push({ path, bytes, bytesDone });
        }
      }
    return {
      filesTotal: this.#filesTotal,
      bytesTotal: this.#bytesTotal,
      filesDone: this.#filesDone,
      bytesDone: this.#bytesDone,
      pending,
      bytesPerSecond: this.#rate(now),
    };
  }

  #rate(now: number): number {
    const first = this.#samples.find((sample) => now - sample.at <= RATE_WINDOW_MS);
    if (!first) return 0;
    const elapsedMs = Math.max(now - first.at, RATE_SAMPLE_MS);
    return Math.round(((this.#brought - first.bytes) * 1000) / elapsedMs);
  }

  #forget(sha256: string, path: string): void {
    const waiting = this.#waiting.get(sha256);
    waiting?.paths.delete(path);
    if (waiting?.paths.size === 0) this.#waiting.delete(sha256);
  }
}
