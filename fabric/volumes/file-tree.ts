/**
 * The files of one volume on disk. A file is never changed in place: a write goes to `incoming/`, is fsynced and renamed over the name,
 * so a reader keeps the version it opened, a cut upload leaves nothing visible, and a copy is a hard link.
 *
 * `<directory>/files/` the tree, `<directory>/incoming/` what is being written (swept at start), `<directory>/digests.jsonl` the index.
 */
import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, link, open, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { FieldlineError } from '@/lib/errors';
import { syncDirectory } from '@/lib/files/durable';
import { checkFilePath } from '@/lib/ports/file-path';
import type { FileInfo } from '@/lib/ports/volumes';
import type { FabricLog } from '../logger';
import { DigestIndex, type IndexEntry, toFileInfo } from './digest-index';
import { asStorageError, makeDirectory, removeIfThere, sha256OfFile } from './durable';
import { KeyedMutex } from './keyed-mutex';
import { resolveInside } from './paths';
import { type CreateFile, createFile, type Received, receive } from './receive';
import type { DirectoryEntry, WriteOptions } from './types';

/** A parent directory may be pruned, or the source of a copy replaced, between two steps; again, this often. */
const RACE_ATTEMPTS_MAX = 5;
const READ_BUFFER_BYTES = 256 * 1024;

/** A version of a file, held open: later writes and removals do not touch it. Read it once, or close it. */
export interface OpenFile {
  readonly info: FileInfo;
  /** The bytes from `start` to `end`, both inclusive; closes the file when it ends or is destroyed. */
  stream(start: number, end: number): Readable;
  close(): Promise<void>;
}

export class FileTree {
  readonly #locks = new KeyedMutex();
  #index: Promise<DigestIndex> | null = null;

  private constructor(
    /** A real path, so that links below it show. */
    private readonly root: string,
    private readonly directory: string,
    private readonly log: FabricLog,
    private readonly create: CreateFile,
  ) {}

  /** Opens or creates the tree in `directory` and sweeps what an earlier process left half written. */
  static async open(directory: string, log: FabricLog, create: CreateFile = createFile): Promise<FileTree> {
    await makeDirectory(path.join(directory, 'files'));
    await rm(path.join(directory, 'incoming'), { recursive: true, force: true });
    await makeDirectory(path.join(directory, 'incoming'));
    return new FileTree(await realpath(path.join(directory, 'files')), directory, log, create);
  }

  /** Files below `prefix` (a directory with its slash, or empty), sorted by path, after the cursor `after`. */
  async list(options: { prefix?: string; after?: string | null; limit: number }): Promise<FileInfo[]> {
    return (await this.index()).list(options.prefix ?? '', options.after ?? null, options.limit);
  }

  /** Like `list`, without descending: a directory that holds files is one entry, its path ending in a slash. */
  async listDirectory(options: { prefix: string; after: string | null; limit: number }): Promise<DirectoryEntry[]> {
    const index = await this.index();
    const found: DirectoryEntry[] = [];
    // The character after "/" skips everything below a directory; appended NUL is the next possible name of a file.
    const beyond = (entry: string) => (entry.endsWith('/') ? `${entry.slice(0, -1)}0` : `${entry}\u0000`);
    let from = options.after !== null && options.after > options.prefix ? beyond(options.after) : options.prefix;
    while (found.length < options.limit) {
      const file = index.firstFrom(from);
      if (file === undefined || !file.startsWith(options.prefix)) break;
      const slash = file.indexOf('/', options.prefix.length);
      const entry = slash < 0 ? file : file.slice(0, slash + 1);
      found.push(
        slash < 0 ? { type: 'file', ...toFileInfo(file, index.get(file)!) } : { type: 'directory', path: entry },
      );
      from = beyond(entry);
    }
    return found;
  }

  /** True when `relative` (empty: the root) is a directory. */
  async isDirectory(relative: string): Promise<boolean> {
    const full = await resolveInside(this.root, relative === '' ? '' : checkFilePath(relative));
    return full !== null && (await stat(full)).isDirectory();
  }

  async stat(file: string): Promise<FileInfo | null> {
    const opened = await this.open(file);
    await opened?.close();
    return opened?.info ?? null;
  }

  /** Opens the present version of a file; null when there is none. Fails with PATH_OUTSIDE_VOLUME. */
  async open(file: string): Promise<OpenFile | null> {
    checkFilePath(file);
    // A write may be between its rename and its entry in the index; its lock is then held, so the second look waits for it.
    return (await this.#tryOpen(file)) ?? this.#locks.run(file, () => this.#reexamine(file));
  }

  /** Streams a file in; visible all at once and only when complete. Fails with CONFLICT, DISK_FULL, PATH_OUTSIDE_VOLUME, DIGEST_MISMATCH. */
  async put(file: string, content: Readable, options: WriteOptions = {}): Promise<FileInfo & { created: boolean }> {
    checkFilePath(file);
    return this.#staged(async (staged) => {
      const received = await receive(this.create, staged, content, options);
      return this.#commit(staged, file, received, Date.now());
    });
  }

  /** Makes `to` a copy of `from` of another (or this) tree, as a hard link where that can be. Null when there is no such file. */
  async copy(source: FileTree, from: string, to: string): Promise<(FileInfo & { created: boolean }) | null> {
    checkFilePath(to);
    for (let attempt = 1; attempt <= RACE_ATTEMPTS_MAX; attempt += 1) {
      const opened = await source.open(from);
      if (!opened) return null;
      await opened.close();
      const { bytes, sha256 } = opened.info;
      const linked = await this.#staged(async (staged) => {
        const facts = await linkIfPossible(path.join(source.root, from), staged);
        const index = await source.index();
        // The name may have got new content since it was opened; only what the index describes is copied.
        if (!facts || index.get(from)?.inode !== facts.ino || index.get(from)?.sha256 !== sha256) return null;
        return this.#commit(staged, to, { bytes, sha256, inode: facts.ino, inodeMtimeMs: facts.mtimeMs }, Date.now());
      });
      if (linked) return linked;
    }
    const opened = await source.open(from);
    return opened && this.put(to, opened.stream(0, opened.info.bytes - 1), { sha256: opened.info.sha256 });
  }

  /**
   * Makes a file that was written and checked elsewhere in the same file system visible as `file`; it stays where it was, too.
   * For the mirror engine.
   */
  async adopt(
    ready: string,
    file: string,
    facts: { bytes: number; sha256: string; modifiedAt: number },
  ): Promise<FileInfo> {
    checkFilePath(file);
    return this.#staged(async (staged) => {
      await link(ready, staged);
      const { ino, mtimeMs } = await stat(staged);
      const received = { bytes: facts.bytes, sha256: facts.sha256, inode: ino, inodeMtimeMs: mtimeMs };
      return this.#commit(staged, file, received, facts.modifiedAt);
    });
  }

  /** Links the present content of `file` to `destination` if that content is `sha256`; false otherwise. For the mirror engine. */
  async linkOut(file: string, sha256: string, destination: string): Promise<boolean> {
    const index = await this.index();
    await removeIfThere(destination);
    const facts = await linkIfPossible(path.join(this.root, checkFilePath(file)), destination);
    if (!facts) return false;
    const entry = index.get(file);
    if (entry?.sha256 === sha256 && isVersion(entry, facts)) return true;
    await removeIfThere(destination);
    return false;
  }

  /** True when a file was removed. `prune` also removes the directories that it leaves empty. */
  async remove(file: string, options: { prune?: boolean } = {}): Promise<boolean> {
    checkFilePath(file);
    return this.#locks.run(file, async () => {
      const full = await resolveInside(this.root, file);
      if (full === null || !(await stat(full)).isFile()) return false;
      const index = await this.index();
      const removed = await removeIfThere(full);
      index.delete(file);
      await syncDirectory(path.dirname(full));
      if (options.prune) await this.#pruneFrom(path.posix.dirname(file));
      return removed;
    });
  }

  /** Idempotent. Fails with CONFLICT when a file is in the way. */
  async makeDirectory(relative: string): Promise<void> {
    if (relative !== '') await this.#ensureDirectory(checkFilePath(relative));
  }

  /** True when an empty directory was removed; CONFLICT when it is not empty. */
  async removeDirectory(relative: string): Promise<boolean> {
    const full = await resolveInside(this.root, checkFilePath(relative));
    if (full === null || !(await stat(full)).isDirectory()) return false;
    try {
      await rmdir(full);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
      throw new FieldlineError('CONFLICT', `The directory ${relative} is not empty`, { cause: error });
    }
    await syncDirectory(path.dirname(full));
    return true;
  }

  /** The index; read (and where needed derived again) at the first use, so that a start does not wait for it. */
  index(): Promise<DigestIndex> {
    this.#index ??= DigestIndex.open(this.root, path.join(this.directory, 'digests.jsonl'), this.log).catch(
      (error: unknown) => {
        this.#index = null;
        throw error;
      },
    );
    return this.#index;
  }

  async close(): Promise<void> {
    await (await this.#index)?.flush();
  }

  /** Null unless what is on disk is what the index says. */
  async #tryOpen(file: string): Promise<OpenFile | null> {
    const index = await this.index();
    const handle = await this.#openHandle(file);
    if (!handle) return null;
    const facts = await handle.stat();
    const entry = index.get(file);
    if (entry && isVersion(entry, facts)) return heldOpen(file, entry, handle);
    await handle.close();
    return null;
  }

  /** Under the lock of the file: takes over what somebody changed by hand, and opens it. */
  async #reexamine(file: string): Promise<OpenFile | null> {
    const index = await this.index();
    const handle = await this.#openHandle(file);
    if (!handle) {
      index.delete(file);
      return null;
    }
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) {
        await handle.close();
        return null;
      }
      let entry = index.get(file);
      if (!entry || !isVersion(entry, facts)) {
        const sha256 = await sha256OfFile(path.join(this.root, file));
        const times = { modifiedAt: Math.floor(facts.mtimeMs), inodeMtimeMs: facts.mtimeMs };
        entry = { bytes: facts.size, sha256, inode: facts.ino, ...times };
        index.set(file, entry);
      }
      return heldOpen(file, entry, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #openHandle(file: string): Promise<FileHandle | null> {
    const full = await resolveInside(this.root, file);
    if (full === null) return null;
    try {
      return await open(full, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  async #staged<T>(work: (staged: string) => Promise<T>): Promise<T> {
    const staged = path.join(this.directory, 'incoming', randomUUID());
    try {
      return await work(staged);
    } catch (error) {
      throw asStorageError(error);
    } finally {
      // After a successful rename it is gone; not so when both names were links to one inode already, or after a failure.
      await removeIfThere(staged);
    }
  }

  async #commit(
    staged: string,
    file: string,
    received: Received,
    modifiedAt: number,
  ): Promise<FileInfo & { created: boolean }> {
    const entry: IndexEntry = { ...received, modifiedAt };
    return this.#locks.run(file, async () => {
      const index = await this.index();
      const created = index.get(file) === undefined;
      const parent = await this.#renameInto(staged, file);
      index.set(file, entry);
      await syncDirectory(parent);
      return { ...toFileInfo(file, entry), created };
    });
  }

  async #renameInto(staged: string, file: string): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      const parent = await this.#ensureDirectory(path.posix.dirname(file));
      try {
        await rename(staged, path.join(this.root, file));
        return parent;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt >= RACE_ATTEMPTS_MAX) throw error;
      }
    }
  }

  /** Creates a directory below the root, refusing to walk through a link on the way. */
  async #ensureDirectory(relative: string): Promise<string> {
    if (relative === '.') return this.root;
    let existing = relative;
    while (existing !== '.' && (await resolveInside(this.root, existing)) === null)
      existing = path.posix.dirname(existing);
    const full = path.join(this.root, relative);
    try {
      await makeDirectory(full);
    } catch (error) {
      throw asStorageError(error);
    }
    return full;
  }

  async #pruneFrom(relative: string): Promise<void> {
    for (let at = relative; at !== '.'; at = path.posix.dirname(at)) {
      const full = path.join(this.root, at);
      try {
        if ((await readdir(full)).length > 0) return;
        await rmdir(full);
      } catch (error) {
        // Somebody wrote into it just now, or pruned it too.
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'ENOTEMPTY' || code === 'ENOENT') return;
        throw error;
      }
    }
  }
}

const isVersion = (entry: IndexEntry, facts: Stats) =>
  facts.isFile() && entry.inode === facts.ino && entry.bytes === facts.size && entry.inodeMtimeMs === facts.mtimeMs;

function heldOpen(file: string, entry: IndexEntry, handle: FileHandle): OpenFile {
  return {
    info: toFileInfo(file, entry),
    stream: (start, end) => {
      if (end >= start) return handle.createReadStream({ start, end, highWaterMark: READ_BUFFER_BYTES });
      // An empty range: createReadStream can not say that.
      return Readable.from(
        (async function* nothing() {
          await handle.close();
          yield Buffer.alloc(0);
        })(),
      );
    },
    close: () => handle.close(),
  };
}

/** Links, and returns what was linked; null where the file is gone, or the file system can not link it (another device, too many links). */
async function linkIfPossible(from: string, to: string): Promise<Stats | null> {
  try {
    await link(from, to);
    return await stat(to);
  } catch (error) {
    if (['ENOENT', 'EXDEV', 'EMLINK', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
