import type { Clock } from '@/lib/clock/clock';
import { errorMessage, FieldlineError } from '@/lib/errors';
import type { FileInfo, MirrorStatus } from '@/lib/ports';
import type { MemoryVolume, MemoryVolumeStore } from './volume-store';

/** Reaches another site's volumes; throws UNAVAILABLE while the link is down. */
export type ReachSite = (site: string) => MemoryVolumeStore;

interface MirrorRun {
  stopped: boolean;
}
type MirrorFigures = Omit<MirrorStatus, 'source' | 'bytesPerSecond' | 'asOf'>;

const PENDING_SHOWN_MAX = 1000;

/** Mirrors of a memory site. A run takes one file a turn of the event loop, so that a test can look at it, stop it or cut the link in the middle. */
export class MemoryMirrors {
  readonly #runs = new Map<string, MirrorRun>();
  readonly #figures = new Map<string, MirrorFigures>();

  constructor(
    readonly store: MemoryVolumeStore,
    readonly reach: ReachSite,
    readonly clock: Clock,
  ) {}

  start(name: string): void {
    const volume = this.#mirror(name);
    if (this.#runs.has(name)) throw new FieldlineError('MIRROR_RUNNING', `The mirror "${name}" is already running`);
    const figures = this.#figuresOf(name);
    Object.assign(figures, {
      state: 'running',
      startedAt: this.clock.now(),
      filesDone: 0,
      bytesDone: 0,
      lastError: null,
    });
    const run: MirrorRun = { stopped: false };
    this.#runs.set(name, run);
    this.#run(volume, run, figures)
      .then(
        () => {
          figures.state = 'idle';
          if (!run.stopped) figures.lastSuccessAt = this.clock.now();
        },
        (error: unknown) => Object.assign(figures, { state: 'failed', lastError: errorMessage(error) }),
      )
      .finally(() => this.#runs.delete(name));
  }

  stop(name: string): void {
    this.#mirror(name);
    const run = this.#runs.get(name);
    if (run) run.stopped = true;
  }

  status(name: string, refresh: boolean): MirrorStatus {
    const volume = this.#mirror(name);
    const figures = this.#figuresOf(name);
    if (refresh && figures.state !== 'running') this.#refresh(volume, figures);
    return {
      ...figures,
      source: `${volume.mirrorOf!.volume}@${volume.mirrorOf!.site}`,
      pending: figures.pending.slice(0, PENDING_SHOWN_MAX),
      bytesPerSecond: 0,
      asOf: this.clock.now(),
    };
  }

  #mirror(name: string): MemoryVolume {
    const volume = this.store.volume(name);
    if (!volume.mirrorOf) throw new FieldlineError('CONFLICT', `"${name}" is not a mirror`);
    return volume;
  }

  #figuresOf(name: string): MirrorFigures {
    let figures = this.#figures.get(name);
    if (!figures) {
      figures = {
        state: 'idle',
        filesTotal: null,
        bytesTotal: null,
        filesDone: 0,
        bytesDone: 0,
        pending: [],
        startedAt: null,
        lastSuccessAt: null,
        lastError: null,
      };
      this.#figures.set(name, figures);
    }
    return figures;
  }

  #changes(volume: MemoryVolume): { missing: FileInfo[]; surplus: string[] } {
    const source = this.reach(volume.mirrorOf!.site).volume(volume.mirrorOf!.volume);
    const missing = [...source.files.values()]
      .map((file) => file.info)
      .filter((info) => volume.files.get(info.path)?.info.sha256 !== info.sha256);
    return { missing, surplus: [...volume.files.keys()].filter((path) => !source.files.has(path)) };
  }

  #refresh(volume: MemoryVolume, figures: MirrorFigures): void {
    try {
      this.#show(figures, this.#changes(volume).missing);
    } catch {
      // The link is down: what waits is unknown, which the figures say.
      Object.assign(figures, { filesTotal: null, bytesTotal: null, pending: [] });
    }
  }

  #show(figures: MirrorFigures, missing: readonly FileInfo[]): void {
    figures.filesTotal = figures.filesDone + missing.length;
    figures.bytesTotal = figures.bytesDone + missing.reduce((sum, file) => sum + file.bytes, 0);
    figures.pending = missing.map((file) => ({ path: file.path, bytes: file.bytes, bytesDone: 0 }));
  }

  async #run(volume: MemoryVolume, run: MirrorRun, figures: MirrorFigures): Promise<void> {
    await turn();
    const { missing, surplus } = this.#changes(volume);
    this.#show(figures, missing);
    for (const info of missing) {
      await turn();
      if (run.stopped) return;
      const file = this.reach(volume.mirrorOf!.site).volume(volume.mirrorOf!.volume).files.get(info.path);
      if (file) this.store.write(volume, info.path, file.content, this.clock.now());
      figures.filesDone++;
      figures.bytesDone += info.bytes;
      figures.pending = figures.pending.filter((entry) => entry.path !== info.path);
    }
    for (const path of surplus) volume.files.delete(path);
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
