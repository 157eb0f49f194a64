import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { FieldlineError } from '@/lib/errors';
import { replaceFile } from '@/lib/files/durable';

/** Small durable state (a registry, a link's mode): one JSON file, replaced atomically, fsynced before a write resolves. Writes are serialised. */
export class JsonFile<T> {
  #tail: Promise<void> = Promise.resolve();

  private constructor(
    readonly file: string,
    public value: T,
    private readonly mode: number,
  ) {}

  /**
   * Reads the file, or starts from `initial` where there is none. Fails with DATA_DIR_UNUSABLE on a file that is not JSON: that is damage,
   * not a fresh start. `mode`: who may read what is written.
   */
  static async open<T>(file: string, initial: T, mode = 0o666): Promise<JsonFile<T>> {
    await mkdir(path.dirname(file), { recursive: true });
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new JsonFile(file, initial, mode);
      throw error;
    }
    try {
      return new JsonFile(file, JSON.parse(text) as T, mode);
    } catch (cause) {
      throw new FieldlineError('DATA_DIR_UNUSABLE', `${file} is damaged: it is not JSON`, {
        cause,
        remedy: 'Restore it from a backup',
      });
    }
  }

  /** Applies `change` to the value and resolves once it is on disk. */
  update(change: (value: T) => T): Promise<void> {
    this.value = change(this.value);
    const text = JSON.stringify(this.value, null, 1);
    const write = this.#tail.then(() => replaceFile(this.file, text, this.mode));
    this.#tail = write.catch(() => undefined);
    return write;
  }
}
