import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';

/** A log grows to this, is kept once as `.1`, and begins anew. */
const LOG_BYTES_MAX = 10 * 1024 * 1024;

/** Where the lines of a child go. */
export interface ChildLog {
  write(line: string): void;
  /** Where a person finds them, for a sentence: "see data/run/app-hq.log". */
  readonly place: string;
}

/**
 * What a child prints, bounded on disk. A log is never a reason to end what it tells about: lines that can not be written (the disk is
 * full) are counted, and their number is written as soon as that works again.
 */
export class LogFile implements ChildLog {
  #descriptor: number;
  #bytes = 0;
  #linesLost = 0;

  /** Fails where the file can not be made: then the directory is not usable at all. */
  constructor(
    readonly file: string,
    /** A test passes one that runs out of space. */
    readonly append: (descriptor: number, text: string) => number = writeSync,
  ) {
    mkdirSync(path.dirname(file), { recursive: true });
    this.#descriptor = this.#begin();
  }

  get place(): string {
    return this.file;
  }

  write(line: string): void {
    try {
      if (this.#bytes > LOG_BYTES_MAX) this.#rotate();
      if (this.#linesLost > 0) this.#append(`(${this.#linesLost} lines are missing here: they could not be written)`);
      this.#linesLost = 0;
      this.#append(line);
    } catch {
      this.#linesLost += 1;
    }
  }

  #append(line: string): void {
    this.#bytes += this.append(this.#descriptor, `${line}\n`);
  }

  #rotate(): void {
    const full = this.#descriptor;
    // Opened before the old one is closed: should that fail, the number of a closed descriptor could soon be another file's.
    this.#descriptor = this.#begin();
    closeSync(full);
  }

  #begin(): number {
    try {
      renameSync(this.file, `${this.file}.1`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const descriptor = openSync(this.file, 'w');
    this.#bytes = 0;
    return descriptor;
  }
}
