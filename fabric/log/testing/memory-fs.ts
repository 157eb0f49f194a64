/**
 * A file system in memory that tells the page cache from the disk: `crash` keeps what was synced, and of the rest as much as a test
 * asks. It can run out of space and fail a sync.
 */
import path from 'node:path';
import type { LogFile, LogFs } from '../log-fs';

class Inode {
  content: Buffer = Buffer.alloc(0);
  synced: Buffer = Buffer.alloc(0);
}

const errno = (code: string) => Object.assign(new Error(code), { code });

export class MemoryFs implements LogFs {
  readonly #names = new Map<string, Inode>();
  readonly #syncedNames = new Map<string, Inode>();
  /** Bytes that may still be written; further writes are cut short and fail with ENOSPC. */
  freeBytes = Number.POSITIVE_INFINITY;
  failNextSync = false;
  syncCount = 0;

  /** Changes one bit of the one file whose name ends so, as a bad disk does. */
  flipBit(suffix: string, position: number): void {
    const [inode] = [...this.#names].filter(([name]) => name.endsWith(suffix)).map(([, found]) => found);
    inode!.content[position]! ^= 1;
  }

  async open(file: string, { create }: { create: boolean }): Promise<LogFile> {
    let inode = this.#names.get(file);
    if (!inode) {
      if (!create) throw errno('ENOENT');
      inode = new Inode();
      this.#names.set(file, inode);
    }
    return this.#fileOf(inode);
  }

  async readFile(file: string): Promise<Buffer | null> {
    return this.#names.get(file)?.content ?? null;
  }

  async replaceFile(file: string, content: string): Promise<void> {
    this.#spend(content.length, () => undefined);
    const inode = new Inode();
    inode.content = Buffer.from(content);
    inode.synced = inode.content;
    this.#names.set(file, inode);
    await this.syncDirectory(path.dirname(file));
  }

  async list(directory: string): Promise<string[]> {
    const children = [...this.#names.keys()].filter((name) => name.startsWith(`${directory}/`));
    return [...new Set(children.map((name) => name.slice(directory.length + 1).split('/')[0]!))];
  }

  async makeDirectory(): Promise<void> {
    // Directories exist by the files in them; losing an empty one is not what these tests are about.
  }

  async syncDirectory(directory: string): Promise<void> {
    const inside = (name: string) => path.dirname(name) === directory;
    for (const name of [...this.#syncedNames.keys()])
      if (inside(name) && !this.#names.has(name)) this.#syncedNames.delete(name);
    for (const [name, inode] of this.#names) if (inside(name)) this.#syncedNames.set(name, inode);
  }

  async remove(target: string): Promise<void> {
    for (const name of [...this.#names.keys()])
      if (name === target || name.startsWith(`${target}/`)) this.#names.delete(name);
  }

  /** The disk after a power cut: synced content and names; `keepUnsynced` says how much of each unsynced tail got there anyway. */
  crash(keepUnsynced: (tail: Buffer) => Buffer = () => Buffer.alloc(0)): MemoryFs {
    const after = new MemoryFs();
    for (const [name, inode] of this.#syncedNames) {
      const copy = new Inode();
      const tail = inode.content.subarray(inode.synced.length);
      copy.content = Buffer.concat([inode.synced, keepUnsynced(tail)]);
      copy.synced = copy.content;
      after.#names.set(name, copy);
      after.#syncedNames.set(name, copy);
    }
    return after;
  }

  /** Changes a file as a failing disk would. */
  damage(matches: (name: string) => boolean, change: (content: Buffer) => Buffer): void {
    for (const [name, inode] of this.#names) {
      if (!matches(name)) continue;
      inode.content = change(Buffer.from(inode.content));
      inode.synced = inode.content;
    }
  }

  /** For tests that look at what is there. */
  names(): string[] {
    return [...this.#names.keys()];
  }

  #fileOf(inode: Inode): LogFile {
    return {
      write: async (buffers, position) => {
        const data = Buffer.concat(buffers);
        const put = (bytes: Buffer) => {
          const grown = Buffer.alloc(Math.max(inode.content.length, position + bytes.length));
          inode.content.copy(grown);
          bytes.copy(grown, position);
          inode.content = grown;
        };
        this.#spend(data.length, (fits) => put(data.subarray(0, fits)));
        put(data);
      },
      read: async (position, length) => Buffer.from(inode.content.subarray(position, position + length)),
      datasync: async () => {
        this.syncCount++;
        if (this.failNextSync) {
          this.failNextSync = false;
          throw errno('EIO');
        }
        inode.synced = inode.content;
      },
      truncate: async (sizeBytes) => {
        inode.content = Buffer.from(inode.content.subarray(0, sizeBytes));
      },
      size: async () => inode.content.length,
      close: async () => undefined,
    };
  }

  #spend(bytes: number, partly: (fits: number) => void): void {
    if (bytes > this.freeBytes) {
      partly(this.freeBytes);
      throw errno('ENOSPC');
    }
    this.freeBytes -= bytes;
  }
}
