import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import { syncDirectory } from '@/lib/files/durable';
import { MirrorEngine, NEVER_RUN } from '@/lib/mirror/engine';
import { RETRY_LIMITS, type RetryLimits } from '@/lib/mirror/outage';
import type { MirrorSource } from '@/lib/mirror/source';
import type { S3Settings } from '@/lib/s3';
import type { Dialer, Upstream } from '../links/types';
import type { FabricLog } from '../logger';
import { JsonFile } from '../state/json-file';
import { asStorageError, makeDirectory } from './durable';
import { FileTree } from './file-tree';
import { filesSource } from './mirror/files-source';
import { localSource } from './mirror/local-source';
import { Partials } from './mirror/partials';
import type { S3Sources } from './mirror/s3-source';
import { TreeTarget } from './mirror/tree-target';
import { checkAbsolutePath, checkVolumeName } from './paths';
import type { CreateFile } from './receive';
import type { VolumeRecord, VolumeSource, VolumeType } from './types';
import { sourceName, Volume } from './volume';

/** Far above a mission's few; each costs a directory and an entry in the registry. */
export const VOLUMES_MAX = 10_000;
/** Prefix of a directory whose volume was removed; what a crash leaves of it is swept at the next start. No volume name begins so. */
const REMOVED_PREFIX = '.removed-';

interface Registry {
  nextId: number;
  volumes: VolumeRecord[];
}

export interface VolumeStoreOptions {
  directory: string;
  /** The cluster name of this fabric in `volume@cluster`. */
  siteId: string;
  /** Without these, only volumes of this same fabric can be mirrored. */
  dialer?: Dialer;
  upstream?: Upstream;
  /** The object store that holds the volumes of another cluster; undefined: they are behind its own doors. */
  objectStoreOf?: (cluster: string) => S3Settings | undefined;
  log: FabricLog;
  clock?: Clock;
  retryLimits?: RetryLimits;
  /** How an upload's file is opened; for tests of a full disk. */
  createFile?: CreateFile;
}

export interface VolumeChanges {
  /** `rw` promotes a mirror, `mirror` (with a source, unless it has one from before) demotes. */
  type?: VolumeType;
  source?: VolumeSource;
  mounted?: boolean;
}

/** Opens the volumes below `directory`, sweeps what a crash left, and resumes mirror runs that it interrupted. */
export async function openVolumes(options: VolumeStoreOptions): Promise<VolumeStore> {
  await makeDirectory(options.directory);
  for (const name of await readdir(options.directory))
    if (name.startsWith(REMOVED_PREFIX)) await rm(path.join(options.directory, name), { recursive: true, force: true });
  const initial: Registry = { nextId: 1, volumes: [] };
  const registry = await JsonFile.open(path.join(options.directory, 'volumes.json'), initial);
  const store = new VolumeStore(options, registry);
  await store.load();
  return store;
}

export class VolumeStore {
  readonly #volumes = new Map<string, Volume>();
  readonly #clock: Clock;
  /** Changes of the registry, one at a time. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly options: VolumeStoreOptions,
    private readonly registry: JsonFile<Registry>,
  ) {
    this.#clock = options.clock ?? systemClock;
  }

  /** Called once by `openVolumes`. */
  async load(): Promise<void> {
    for (const record of this.registry.value.volumes) this.#volumes.set(record.name, await this.#open(record));
    for (const volume of this.#volumes.values()) volume.mirror?.resume();
  }

  /** By name. */
  list(): Volume[] {
    return [...this.#volumes.values()].sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  get(name: string): Volume | undefined {
    return this.#volumes.get(name);
  }

  /** Fails with NOT_FOUND. */
  require(name: string): Volume {
    const volume = this.#volumes.get(name);
    if (volume) return volume;
    throw new FieldlineError('NOT_FOUND', `No such volume: "${name}" does not exist on ${this.options.siteId}`);
  }

  /** The mounted volume that holds an absolute path (the innermost one), and the rest of the path; the rest is not checked here. */
  locate(absolute: string): { volume: Volume; relative: string } | null {
    let best: { volume: Volume; relative: string } | null = null;
    for (const volume of this.#volumes.values()) {
      const { path: mount, mounted } = volume.record;
      const isInside = absolute === mount || absolute.startsWith(`${mount}/`);
      if (!mounted || !isInside || (best && best.volume.record.path.length > mount.length)) continue;
      best = { volume, relative: absolute.slice(mount.length + 1) };
    }
    return best;
  }

  /** Fails with CONFLICT when the name or the path is taken, REQUEST_INVALID on a bad name or a mirror without source. */
  create(wanted: { name: string; path?: string; type?: VolumeType; source?: VolumeSource }): Promise<Volume> {
    return this.#change(async () => {
      const name = checkVolumeName(wanted.name);
      const mount = checkAbsolutePath(wanted.path ?? `/${name}`);
      const type = wanted.type ?? 'rw';
      const source = type === 'mirror' ? this.#checkSource(name, wanted.source) : null;
      if (this.#volumes.has(name)) throw new FieldlineError('CONFLICT', `Volume ${name} already exists`);
      if (this.list().some(({ record }) => record.path === mount))
        throw new FieldlineError('CONFLICT', `The path ${mount} is already in use by another volume`);
      if (this.#volumes.size >= VOLUMES_MAX)
        throw new FieldlineError('CONFLICT', `This fabric has ${VOLUMES_MAX} volumes already`);
      const id = this.registry.value.nextId;
      const createdAt = this.#clock.now();
      const volume = await this.#open({ id, name, path: mount, type, source, mounted: true, createdAt });
      await this.registry.update((value) => ({ nextId: id + 1, volumes: [...value.volumes, volume.record] }));
      this.#volumes.set(name, volume);
      return volume;
    });
  }

  /** Stops its mirror and removes a volume with all its files. Readers keep what they have open. Fails with NOT_FOUND. */
  remove(name: string): Promise<void> {
    return this.#change(async () => {
      const volume = this.require(name);
      await volume.mirror?.stop();
      this.#volumes.delete(name);
      await volume.tree.close();
      // The files first: a crash in between leaves an empty volume, and never files that a later volume of this name would inherit.
      const removed = path.join(this.options.directory, `${REMOVED_PREFIX}${volume.record.id}`);
      await rename(this.#directory(name), removed);
      await syncDirectory(this.options.directory);
      await this.registry.update((value) => ({
        ...value,
        volumes: value.volumes.filter((record) => record.name !== name),
      }));
      await rm(removed, { recursive: true, force: true });
    });
  }

  /** Fails with NOT_FOUND, REQUEST_INVALID, or MIRROR_RUNNING when the kind or source of a running mirror should change. */
  modify(name: string, changes: VolumeChanges): Promise<Volume> {
    return this.#change(async () => {
      const volume = this.require(name);
      const { record } = volume;
      const type = changes.type ?? record.type;
      const source =
        type === 'mirror' ? this.#checkSource(name, changes.source ?? record.source ?? undefined) : record.source;
      const next: VolumeRecord = { ...record, type, source, mounted: changes.mounted ?? record.mounted };
      const isOtherMirror = type !== record.type || sourceName(next) !== sourceName(record);
      if (isOtherMirror && volume.mirror?.isRunning)
        throw new FieldlineError('MIRROR_RUNNING', `The mirror "${name}" is running`, { remedy: 'Stop it first' });
      await this.registry.update((value) => ({
        ...value,
        volumes: value.volumes.map((other) => (other.name === name ? next : other)),
      }));
      volume.record = next;
      if (isOtherMirror) {
        await volume.mirror?.close();
        volume.mirror = await this.#openMirror(next, volume.tree);
      }
      return volume;
    });
  }

  /** Ends the mirror runs for this process; the next one resumes them. */
  async close(): Promise<void> {
    await this.#changing;
    await Promise.all(
      this.list().map(async ({ mirror, tree }) => {
        await mirror?.close();
        await tree.close();
      }),
    );
  }

  #directory(name: string): string {
    return path.join(this.options.directory, name);
  }

  async #open(record: VolumeRecord): Promise<Volume> {
    const tree = await FileTree.open(this.#directory(record.name), this.options.log, this.options.createFile);
    return new Volume(record, tree, await this.#openMirror(record, tree));
  }

  async #openMirror(record: VolumeRecord, tree: FileTree): Promise<MirrorEngine | null> {
    const { source, type } = record;
    if (type !== 'mirror' || source === null) return null;
    let inObjectStore: S3Sources | null = null;
    const openObjectStore = async (settings: S3Settings, dialer: Dialer) => {
      // 20 MB of code that an edge without an object store need not have in memory.
      const { s3Sources } = await import('./mirror/s3-source');
      inObjectStore ??= s3Sources(source.volume, dialer);
      return inObjectStore(settings);
    };
    const directory = path.join(this.#directory(record.name), 'mirror');
    const partials = await Partials.open(path.join(directory, 'partials'));
    return new MirrorEngine({
      target: new TreeTarget(tree, partials),
      state: await JsonFile.open(path.join(directory, 'mirror.json'), NEVER_RUN),
      sourceName: sourceName(record),
      openSource: () => this.#openSource(source, openObjectStore),
      limits: this.options.retryLimits ?? RETRY_LIMITS,
      clock: this.#clock,
      log: this.options.log,
    });
  }

  #openSource(
    source: VolumeSource,
    openObjectStore: (settings: S3Settings, dialer: Dialer) => Promise<MirrorSource>,
  ): MirrorSource | Promise<MirrorSource> {
    const { siteId, dialer, upstream, objectStoreOf } = this.options;
    if (source.cluster === siteId) return localSource(source.volume, () => this.get(source.volume)?.tree);
    const objectStore = objectStoreOf?.(source.cluster);
    if (objectStore && dialer) return openObjectStore(objectStore, dialer);
    if (dialer && upstream?.configured) return filesSource(source, { dialer, upstream });
    throw new FieldlineError('UNAVAILABLE', `No way to "${source.cluster}" is configured`, {
      retriable: false,
      remedy: `Set it by cluster/gateway/set?dstcluster=${source.cluster}&gateways=HOST:PORT`,
    });
  }

  #checkSource(name: string, source: VolumeSource | undefined): VolumeSource {
    if (!source) throw new FieldlineError('REQUEST_INVALID', 'A mirror needs a source, as volume@cluster');
    checkVolumeName(source.volume);
    if (source.cluster === this.options.siteId && source.volume === name)
      throw new FieldlineError('REQUEST_INVALID', 'A volume can not be a mirror of itself');
    return source;
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#changing.then(work).catch((error: unknown) => {
      throw asStorageError(error);
    });
    this.#changing = result.catch(() => undefined);
    return result;
  }
}
