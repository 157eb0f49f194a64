import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';

/** A log grows to this, is kept once as `.1`, and begins anew. */
const LOG_BYTES_MAX = 10 * 1024 * 1024;

/** What a child prints, bounded on disk. */
export class LogFile {
  #descriptor: number;
  #bytes = 0;

  constructor(readonly file: string) {
    mkdirSync(path.dirname(file), { recursive: true });
    this.#descriptor = this.#begin();
  }

  write(line: string): void {
    if (this.#bytes > LOG_BYTES_MAX) {
      closeSync(this.#descriptor);
      this.#descriptor = this.#begin();
    }
    this.#bytes += writeSync(this.#descriptor, `${line}\n`);
  }

  #begin(): number {
    try {
      renameSync(this.file, `${this.file}.1`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    this.#bytes = 0;
    return openSync(this.file, 'w');
  }
}
