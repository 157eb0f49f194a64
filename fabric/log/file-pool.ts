/** Open files are scarce (often 1024 a process) and segments are many: keeps the least recently used closed. */
import type { LogFile, LogFs } from './log-fs';

/** Of all logs of a fabric together. */
const OPEN_FILES_MAX = 256;

interface Entry {
  file: Promise<LogFile>;
  users: number;
  /** Called when the last user has finished. */
  onIdle?: () => void;
}

export class FilePool {
  /** In order of last use: a Map iterates in insertion order, and each use inserts again. */
  readonly #entries = new Map<string, Entry>();

  constructor(
    readonly fs: LogFs,
    readonly openFilesMax = OPEN_FILES_MAX,
  ) {}

  /** Runs `action` with the file open; it stays open at least that long. Fails as opening or the action fails. */
  async use<T>(path: string, action: (file: LogFile) => Promise<T>): Promise<T> {
    const entry: Entry = this.#entries.get(path) ?? { file: this.fs.open(path, { create: false }), users: 0 };
    this.#entries.delete(path);
    this.#entries.set(path, entry);
    entry.users++;
    try {
      return await action(await entry.file);
    } catch (error) {
      // A file that did not open must not be remembered as open.
      if (this.#entries.get(path) === entry && (await failed(entry.file))) this.#entries.delete(path);
      throw error;
    } finally {
      entry.users--;
      if (entry.users === 0) entry.onIdle?.();
      await this.#evict();
    }
  }

  /** Closes a file that is about to be removed. Readers that have it open finish; nobody may begin. */
  async forget(path: string): Promise<void> {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    // On every system we run on, a removed file stays readable for those who have it open.
    if (entry.users > 0) {
      await new Promise<void>((resolve) => {
        entry.onIdle = resolve;
      });
    }
    await closeQuietly(entry.file);
  }

  async close(): Promise<void> {
    for (const path of [...this.#entries.keys()]) await this.forget(path);
  }

  async #evict(): Promise<void> {
    if (this.#entries.size <= this.openFilesMax) return;
    for (const [path, entry] of this.#entries) {
      if (entry.users > 0) continue;
      this.#entries.delete(path);
      await closeQuietly(entry.file);
      if (this.#entries.size <= this.openFilesMax) return;
    }
  }
}

async function failed(file: Promise<LogFile>): Promise<boolean> {
  return file.then(
    () => false,
    () => true,
  );
}

/** What was written is synced before anybody is told, so a failing close loses nothing. */
async function closeQuietly(file: Promise<LogFile>): Promise<void> {
  await file.then((open) => open.close()).catch(() => undefined);
}
