/** A few records by cluster, each with one secret: in the clear in memory, sealed in their file. */
import { isDeepStrictEqual } from 'node:util';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import type { Sealer } from '@/lib/secrets';
import { JsonFile } from './json-file';

/** Its owner alone may read the file. */
const MODE = 0o600;
/** A fabric has one upstream; a handful is plenty. */
const RECORDS_MAX = 100;

/** As it lies on disk: the secret is a text, which former builds wrote as it is. */
type Stored = { cluster: string } & Record<string, unknown>;

export interface SealedRecordsOptions {
  file: string;
  /** The field that is a secret. */
  secret: string;
  /** What the records are called in sentences: "gateway". */
  title: string;
  sealer: Sealer;
}

export class SealedRecords<T extends { cluster: string }> {
  #records: T[] = [];
  readonly #troubles = new Map<string, FieldlineError>();

  private constructor(
    private readonly options: SealedRecordsOptions,
    private readonly file: JsonFile<Stored[]>,
  ) {}

  /**
   * Reads the records, and seals what a former build left in the clear. One whose secret can not be opened is there without it, and has a
   * trouble, until it is set again. Fails with DATA_DIR_UNUSABLE; with SECRET_UNREADABLE when there is something to seal and no key for it.
   */
  static async open<T extends { cluster: string }>(options: SealedRecordsOptions): Promise<SealedRecords<T>> {
    const opened = new SealedRecords<T>(options, await JsonFile.open<Stored[]>(options.file, [], MODE));
    await opened.#read();
    return opened;
  }

  list(): readonly T[] {
    return this.#records;
  }

  /** The same object until another one is set. */
  get(cluster: string): T | undefined {
    return this.#records.find((record) => record.cluster === cluster);
  }

  /** Why the secret of a record is not there. */
  trouble(cluster: string): FieldlineError | undefined {
    return this.#troubles.get(cluster);
  }

  /** A sentence for each secret that can not be opened. */
  troubles(): string[] {
    return [...this.#troubles.values()].map(({ message, remedy }) => (remedy ? `${message}. ${remedy}` : message));
  }

  /** Durable when it resolves, with false when it was so already. Fails with CONFLICT, or SECRET_UNREADABLE without a key. */
  async set(record: T): Promise<boolean> {
    const { cluster } = record;
    if (isDeepStrictEqual(this.get(cluster), record) && !this.#troubles.has(cluster)) return false;
    if (!this.get(cluster) && this.#records.length >= RECORDS_MAX)
      throw new FieldlineError(
        'CONFLICT',
        `There are ${RECORDS_MAX} of them already: set no more ${this.options.title}s`,
      );
    const stored = await this.#sealed(record as unknown as Stored);
    await this.#put(cluster, record, stored);
    return true;
  }

  /** True when there was one. Durable when it resolves. */
  async delete(cluster: string): Promise<boolean> {
    if (!this.get(cluster)) return false;
    await this.#put(cluster, null, null);
    return true;
  }

  /** In one step, before anything is awaited: who reads meanwhile sees the old or the new. */
  #put(cluster: string, record: T | null, stored: Stored | null): Promise<void> {
    const others = <R extends { cluster: string }>(all: readonly R[]) => all.filter((one) => one.cluster !== cluster);
    this.#records = [...others(this.#records), ...(record ? [record] : [])];
    this.#troubles.delete(cluster);
    return this.file.update((all) => [...others(all), ...(stored ? [stored] : [])]);
  }

  async #read(): Promise<void> {
    const { secret } = this.options;
    const inTheClear = this.file.value.some((stored) => isInTheClear(stored[secret]));
    this.#records = this.file.value.map((stored) => this.#opened(stored));
    if (!inTheClear) return;
    const sealed = await Promise.all(
      this.file.value.map((stored) => (isInTheClear(stored[secret]) ? this.#sealed(stored) : stored)),
    );
    await this.file.update(() => sealed);
  }

  #opened(stored: Stored): T {
    const { secret, sealer } = this.options;
    const value = stored[secret];
    if (typeof value !== 'string') return stored as unknown as T;
    const { [secret]: _sealed, ...rest } = stored;
    try {
      return { ...rest, [secret]: JSON.parse(sealer.open(this.#nameOf(stored), value)) } as unknown as T;
    } catch (error) {
      if (!isFieldlineError(error, 'SECRET_UNREADABLE')) throw error;
      this.#troubles.set(stored.cluster, error);
      return rest as unknown as T;
    }
  }

  async #sealed(stored: Stored): Promise<Stored> {
    const { secret, sealer } = this.options;
    const value = stored[secret];
    if (value === undefined) return stored;
    return { ...stored, [secret]: await sealer.seal(this.#nameOf(stored), JSON.stringify(value)) };
  }

  #nameOf = ({ cluster }: { cluster: string }) => `${this.options.title} to ${cluster}`;
}

const isInTheClear = (value: unknown) => value !== undefined && typeof value !== 'string';
