/**
 * A small durable state kept as a journal: one JSON entry a line with its checksum, appended in groups with one fsync each, rewritten as
 * a snapshot when it has grown. An entry takes effect (`apply`) when it is on the disk, in order, and again at the next start.
 */
import { errorMessage, FieldlineError } from '@/lib/errors';
import { crc32c } from '../kafka/crc32c';
import type { LogFile, LogFs } from './log-fs';

/** Below this a journal is never rewritten. */
const COMPACTION_BYTES_MIN = 1024 * 1024;
/** Rewritten when it is this many times as large as its snapshot was. */
const COMPACTION_FACTOR = 4;
/** Entries that wait for the disk. */
const PENDING_LINES_MAX = 100_000;
const CHECKSUM_CHARACTERS = 8;

interface Waiting<E> {
  entries: readonly E[];
  resolve(): void;
  reject(error: unknown): void;
}

export interface JournalOptions<E> {
  fs: LogFs;
  file: string;
  apply(entry: E): void;
  /** Entries that make the present state from nothing. */
  snapshot(): E[];
}

export class Journal<E> {
  readonly #options: JournalOptions<E>;
  #handle: LogFile | null = null;
  #sizeBytes = 0;
  #snapshotBytes = 0;
  #waiting: Waiting<E>[] = [];
  #waitingLines = 0;
  #flushing: Promise<void> | null = null;
  #failure: Error | null = null;

  private constructor(options: JournalOptions<E>) {
    this.#options = options;
  }

  /** Replays what is there; a torn tail is cut. */
  static async open<E>(options: JournalOptions<E>): Promise<Journal<E>> {
    const journal = new Journal(options);
    const content = await options.fs.readFile(options.file);
    if (content === null) await options.fs.replaceFile(options.file, '');
    journal.#sizeBytes = content === null ? 0 : replay(content, options.apply);
    journal.#snapshotBytes = journal.#sizeBytes;
    journal.#handle = await options.fs.open(options.file, { create: false });
    await journal.#handle.truncate(journal.#sizeBytes);
    await journal.#handle.datasync();
    return journal;
  }

  /** Resolves when the entries are durable and applied. Fails with UNAVAILABLE. */
  append(entries: readonly E[]): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#waitingLines + entries.length > PENDING_LINES_MAX)
      return Promise.reject(new FieldlineError('UNAVAILABLE', 'The disk does not keep up with what is to be noted'));
    this.#waitingLines += entries.length;
    const done = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ entries, resolve, reject });
    });
    this.#flushing ??= this.#flush();
    return done;
  }

  async close(): Promise<void> {
    await this.#flushing;
    this.#failure ??= new FieldlineError('UNAVAILABLE', 'The fabric is stopping');
    await this.#handle?.close();
  }

  async #flush(): Promise<void> {
    // Lets those who come in the same turn join the first group.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      this.#waitingLines = 0;
      try {
        if (this.#failure) throw this.#failure;
        await this.#write(group.flatMap((one) => one.entries));
        for (const one of group) one.resolve();
      } catch (error) {
        const told =
          error instanceof FieldlineError
            ? error
            : new FieldlineError('UNAVAILABLE', `It could not be noted: ${errorMessage(error)}`, { cause: error });
        for (const one of group) one.reject(told);
      }
    }
    this.#flushing = null;
  }

  async #write(entries: readonly E[]): Promise<void> {
    const bytes = Buffer.from(entries.map(lineOf).join(''));
    const handle = this.#handle!;
    try {
      await handle.write([bytes], this.#sizeBytes);
    } catch (error) {
      await handle.truncate(this.#sizeBytes).catch((cause: unknown) => this.#fail(cause));
      throw error;
    }
    await handle.datasync().catch((cause: unknown) => {
      // After a failed sync the kernel may have dropped the pages: only a new start knows what is on the disk.
      this.#fail(cause);
      throw cause;
    });
    this.#sizeBytes += bytes.length;
    for (const entry of entries) this.#options.apply(entry);
    if (this.#sizeBytes > Math.max(COMPACTION_BYTES_MIN, this.#snapshotBytes * COMPACTION_FACTOR))
      await this.#compact();
  }

  #fail(cause: unknown): void {
    this.#failure = new FieldlineError('UNAVAILABLE', `Nothing more can be noted: ${errorMessage(cause)}`, {
      cause,
      remedy: 'Check the disk, then restart the fabric',
    });
  }

  /** A snapshot that can not be written leaves the old file in use: nothing is lost, it is only long. */
  async #compact(): Promise<void> {
    const { fs, file, snapshot } = this.#options;
    const text = snapshot().map(lineOf).join('');
    try {
      await fs.replaceFile(file, text);
    } catch {
      this.#snapshotBytes = this.#sizeBytes;
      return;
    }
    const old = this.#handle!;
    try {
      this.#handle = await fs.open(file, { create: false });
    } catch (cause) {
      // The old handle leads to a file that has no name any more: what went there would be gone at the next start.
      this.#fail(cause);
      return;
    }
    this.#sizeBytes = Buffer.byteLength(text);
    this.#snapshotBytes = this.#sizeBytes;
    await old.close();
  }
}

function lineOf(entry: unknown): string {
  const text = JSON.stringify(entry);
  return `${checksum(text)} ${text}\n`;
}

function checksum(text: string): string {
  return crc32c(Buffer.from(text)).toString(16).padStart(CHECKSUM_CHARACTERS, '0');
}

/** Applies the good lines from the start and returns how many bytes they are. */
function replay<E>(content: Buffer, apply: (entry: E) => void): number {
  let at = 0;
  for (;;) {
    const end = content.indexOf('\n', at);
    if (end < 0) return at;
    const line = content.toString('utf8', at, end);
    const text = line.slice(CHECKSUM_CHARACTERS + 1);
    if (line.slice(0, CHECKSUM_CHARACTERS) !== checksum(text)) return at;
    apply(JSON.parse(text) as E);
    at = end + 1;
  }
}
