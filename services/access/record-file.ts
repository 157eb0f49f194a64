/** A small list of records in one file, held in memory, written whole. One process writes it (services/access/access.ts holds the lock). */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { errorMessage, FieldlineError } from '@/lib/errors';
import { replaceFile } from '@/lib/files/durable';

/** The form of the files; an older build refuses a newer one. */
const VERSION = 1;
/** Readable by their owner only. */
const MODE = 0o600;

export class RecordFile<T> {
  #records: readonly T[] = [];
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(readonly file: string) {}

  /** Reads it; empty when there is none. Fails with DATA_DIR_UNUSABLE when it can not be read, or not understood. */
  static async open<T>(file: string, schema: z.ZodType<T>): Promise<RecordFile<T>> {
    const opened = new RecordFile<T>(file);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return opened;
      throw unusable(file, errorMessage(cause), cause);
    }
    try {
      opened.#records = z
        .object({ version: z.literal(VERSION), records: z.array(schema) })
        .parse(JSON.parse(text)).records;
    } catch (cause) {
      throw unusable(file, 'it was not written by this version of Fieldline, or is damaged', cause);
    }
    return opened;
  }

  get records(): readonly T[] {
    return this.#records;
  }

  /**
   * Makes a change durable, then visible: one after the other. `change` gets the records as they are then, and fails the call when it
   * throws. Fails with DISK_FULL or DATA_DIR_UNUSABLE; nothing is changed then.
   */
  update<R>(change: (records: readonly T[]) => { records: readonly T[]; result: R }): Promise<R> {
    return this.#inTurn(async () => {
      const { records, result } = change(this.#records);
      await this.#write(records);
      this.#records = records;
      return result;
    });
  }

  /** The other way round, for what has to work on a full disk: visible at once, durable where that is possible. */
  setFirst(records: readonly T[]): Promise<void> {
    this.#records = records;
    return this.#inTurn(() => this.#write(this.#records));
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.#writing.then(work);
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  async #write(records: readonly T[]): Promise<void> {
    try {
      await replaceFile(this.file, JSON.stringify({ version: VERSION, records }), MODE);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EDQUOT')
        throw new FieldlineError('DISK_FULL', 'The disk of the data directory is full', {
          cause,
          remedy: 'Free some space; nothing was changed',
        });
      throw unusable(this.file, errorMessage(cause), cause);
    }
  }
}

const unusable = (file: string, why: string, cause: unknown) =>
  new FieldlineError('DATA_DIR_UNUSABLE', `The file ${file} can not be used: ${why}`, { cause });
