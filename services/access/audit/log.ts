/**
 * The audit log: JSON lines, appended, in files that rotate and are kept within a bound. A call that changes something is answered after
 * its line is on disk; many lines share an fsync. On a full disk work goes on, and what could not be written is counted and told: keeping
 * everybody out would make an outage of a full disk (docs/access.md).
 */
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { AuditEntry } from '@/lib/api/access-schemas';

const FILE_BYTES_MAX = 8 * 1024 * 1024;
/** With FILE_BYTES_MAX: 256 MiB, about a million lines. */
const FILES_MAX = 32;
/** A longer line is an attack on the log. */
const TEXT_LENGTH_MAX = 500;

export interface AuditLogOptions {
  directory: string;
  /** Part of the files' names: two processes on one data directory write files of their own. */
  writer: string;
  now: () => number;
  /** Told of the first line that is lost, and when lines can be written again. */
  onTrouble: (sentence: string) => void;
  /** A test has smaller ones, and a disk that is full. */
  fileBytesMax?: number;
  filesMax?: number;
  append?: (handle: FileHandle, text: string) => Promise<void>;
}

const appendDurably = async (handle: FileHandle, text: string) => {
  await handle.appendFile(text);
  await handle.datasync();
};

export class AuditLog {
  #waiting: { line: string; written: () => void }[] = [];
  #running: Promise<void> | null = null;
  #handle: FileHandle | null = null;
  #bytes = 0;
  #lost = 0;

  constructor(readonly options: AuditLogOptions) {}

  /** Lines that could not be written since the last one that could. */
  get lost(): number {
    return this.#lost;
  }

  /** Resolves when the line is on disk, or can not be brought there. */
  write(entry: AuditEntry): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ line: `${JSON.stringify(shortened(entry))}\n`, written: resolve });
      this.#running ??= this.#drain();
    });
  }

  /** Writes what waits, and lets go of the file. */
  async close(): Promise<void> {
    await this.#running;
    await this.#handle?.close();
    this.#handle = null;
  }

  /** The log's files of this writer, oldest first. */
  async files(): Promise<string[]> {
    const names = await readdir(this.options.directory).catch(() => []);
    return names
      .filter((name) => name.startsWith(`${this.options.writer}-`) && name.endsWith('.jsonl'))
      .sort()
      .map((name) => path.join(this.options.directory, name));
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#append(batch.map(({ line }) => line).join(''));
      } catch (error) {
        await this.#lose(batch.length, error);
      }
      for (const { written } of batch) written();
    }
    this.#running = null;
  }

  async #append(lines: string): Promise<void> {
    const { append = appendDurably, fileBytesMax = FILE_BYTES_MAX, onTrouble } = this.options;
    if (this.#bytes > fileBytesMax) await this.#letGo();
    this.#handle ??= await this.#begin();
    const gap = this.#lost > 0 ? `${JSON.stringify(this.#gap())}\n` : '';
    await append(this.#handle, gap + lines);
    this.#bytes += Buffer.byteLength(gap + lines);
    if (this.#lost > 0) onTrouble(`The audit log is written again; ${this.#lost} of its lines are missing`);
    this.#lost = 0;
  }

  async #lose(lines: number, error: unknown): Promise<void> {
    const { onTrouble } = this.options;
    if (this.#lost === 0) onTrouble(`The audit log can not be written: ${(error as Error).message}`);
    this.#lost += lines;
    // A line may be there by half: the next one begins a file.
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close().catch(() => undefined);
  }

  async #begin(): Promise<FileHandle> {
    const { directory, writer, now, filesMax = FILES_MAX } = this.options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const old = await this.files();
    for (const file of old.slice(0, Math.max(0, old.length - filesMax + 1))) await rm(file, { force: true });
    const stamp = new Date(now()).toISOString().replace(/[-:.]/g, '');
    this.#bytes = 0;
    const last = old.at(-1);
    // Within one millisecond, or after the clock went back, the name still sorts behind.
    const name = `${writer}-${stamp}.jsonl`;
    const free = last && path.basename(last) >= name ? `${path.basename(last, '.jsonl')}+.jsonl` : name;
    return open(path.join(directory, free), 'ax', 0o600);
  }

  #gap(): AuditEntry {
    return {
      at: new Date(this.options.now()).toISOString(),
      who: { id: 'fieldline', name: 'Fieldline', via: 'internal' },
      from: '',
      what: 'audit',
      target: {},
      result: 'failed',
      detail: `${this.#lost} lines before this one could not be written`,
    };
  }
}

/** JSON keeps line ends and control characters of a forged name from making lines of their own; this bounds its length. */
function shortened(entry: AuditEntry): AuditEntry {
  const cut = (text: string) => (text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text);
  return {
    ...entry,
    who: { id: cut(entry.who.id), name: cut(entry.who.name), via: entry.who.via },
    target: Object.fromEntries(Object.entries(entry.target).map(([key, value]) => [key, cut(value)])),
    ...(entry.detail ? { detail: cut(entry.detail) } : {}),
  };
}
