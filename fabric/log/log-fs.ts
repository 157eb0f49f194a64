/**
 * The few file operations the log needs, behind an interface so that tests can lose what was not synced and run out of space.
 * Every method fails with Node's own errors (`code` ENOSPC, ENOENT, ...).
 */
import * as fs from 'node:fs';
import { promisify } from 'node:util';

/** Gives a buffer of exactly this size, with any content. */
export type Allocate = (sizeBytes: number) => Buffer;

export interface LogFile {
  /** Writes all buffers at `position`, in full. */
  write(buffers: Buffer[], position: number): Promise<void>;
  /** Reads up to `length` bytes from `position`; fewer only at the end of the file. Into a buffer of `allocate`, where one is given. */
  read(position: number, length: number, allocate?: Allocate): Promise<Buffer>;
  /** Resolves when all that was written is on the disk (fdatasync). */
  datasync(): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

export interface LogFs {
  /** Opens for reading and writing; `create` makes the file where there is none. */
  open(file: string, options: { create: boolean }): Promise<LogFile>;
  /** The whole content; null when there is no such file. */
  readFile(file: string): Promise<Buffer | null>;
  /** Replaces the file atomically; resolves when content and name are on the disk. */
  replaceFile(file: string, content: string): Promise<void>;
  /** Names in a directory; empty when there is no such directory. */
  list(directory: string): Promise<string[]>;
  makeDirectory(directory: string): Promise<void>;
  /** Makes the names in a directory durable (created, renamed, removed files). */
  syncDirectory(directory: string): Promise<void>;
  /** Removes a file or a whole directory; nothing happens when there is none. */
  remove(path: string): Promise<void>;
}

const openFile = promisify(fs.open);
const closeFile = promisify(fs.close);
const fdatasync = promisify(fs.fdatasync);
const ftruncate = promisify(fs.ftruncate);
const fstat = promisify(fs.fstat) as (fd: number) => Promise<fs.Stats>;

class NodeLogFile implements LogFile {
  constructor(readonly fd: number) {}

  async write(buffers: Buffer[], position: number): Promise<void> {
    let rest = buffers;
    let at = position;
    while (rest.length > 0) {
      const written = await this.#writev(rest.slice(0, WRITEV_BUFFERS_MAX), at);
      at += written;
      rest = dropBytes(rest, written);
    }
  }

  async read(position: number, length: number, allocate: Allocate = Buffer.allocUnsafe): Promise<Buffer> {
    const buffer = allocate(length);
    let filled = 0;
    while (filled < length) {
      const count = await this.#read(buffer, filled, length - filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled === length ? buffer : buffer.subarray(0, filled);
  }

  datasync(): Promise<void> {
    return fdatasync(this.fd);
  }

  truncate(sizeBytes: number): Promise<void> {
    return ftruncate(this.fd, sizeBytes);
  }

  async size(): Promise<number> {
    return (await fstat(this.fd)).size;
  }

  close(): Promise<void> {
    return closeFile(this.fd);
  }

  #writev(buffers: Buffer[], position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.writev(this.fd, buffers, position, (error, written) => (error ? reject(error) : resolve(written)));
    });
  }

  #read(buffer: Buffer, at: number, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.fd, buffer, at, length, position, (error, count) => (error ? reject(error) : resolve(count)));
    });
  }
}

/** Linux's IOV_MAX: more buffers in one writev fail with EINVAL. */
const WRITEV_BUFFERS_MAX = 1024;

function dropBytes(buffers: Buffer[], count: number): Buffer[] {
  let rest = count;
  let index = 0;
  while (index < buffers.length && rest >= buffers[index]!.length) rest -= buffers[index++]!.length;
  if (index === buffers.length) return [];
  return [buffers[index]!.subarray(rest), ...buffers.slice(index + 1)];
}

const missing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

export const nodeLogFs: LogFs = {
  async open(file, { create }) {
    const flags = create ? fs.constants.O_RDWR | fs.constants.O_CREAT : fs.constants.O_RDWR;
    return new NodeLogFile(await openFile(file, flags, 0o644));
  },
  async readFile(file) {
    try {
      return await fs.promises.readFile(file);
    } catch (error) {
      if (missing(error)) return null;
      throw error;
    }
  },
  async replaceFile(file, content) {
    const temporary = `${file}.tmp`;
    const handle = await fs.promises.open(temporary, 'w');
    try {
      await handle.writeFile(content);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await fs.promises.rename(temporary, file);
    await this.syncDirectory(file.slice(0, file.lastIndexOf('/')));
  },
  async list(directory) {
    try {
      return await fs.promises.readdir(directory);
    } catch (error) {
      if (missing(error)) return [];
      throw error;
    }
  },
  async makeDirectory(directory) {
    await fs.promises.mkdir(directory, { recursive: true });
  },
  async syncDirectory(directory) {
    const handle = await fs.promises.open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async remove(path) {
    await fs.promises.rm(path, { recursive: true, force: true });
  },
};
