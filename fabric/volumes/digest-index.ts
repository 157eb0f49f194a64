/**
 * What a volume holds: path → size, digest, time, sorted by path.
 *
 * The tree of files on disk is the truth; this index is a cache of digests beside it, so that a start need not read every byte again.
 * An entry counts only while inode, size and modification time on disk are those it was made from; anything else (a journal line lost
 * with a power cut, a file changed by hand, a restored backup) is digested anew when the volume is opened. So the journal needs no fsync.
 */
import { appendFile, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FileInfo } from '@/lib/ports/volumes';
import type { FabricLog } from '../logger';
import { sha256OfFile } from './durable';

export interface IndexEntry {
  bytes: number;
  sha256: string;
  /** What is told to clients, ms since the epoch. A copy shares the inode of its source but has a time of its own. */
  modifiedAt: number;
  inode: number;
  inodeMtimeMs: number;
}

/** The journal is rewritten when it holds this many lines more than twice the entries. */
const JOURNAL_SLACK_LINES = 10_000;
/** Files looked at together at open: enough to keep the thread pool busy, few enough to leave it to others. */
const SCAN_CONCURRENCY = 16;

export class DigestIndex {
  readonly #entries = new Map<string, IndexEntry>();
  /** The keys of `#entries` in code-unit order. */
  #sorted: string[] = [];
  #bytesTotal = 0;
  #lines = 0;
  #queue: string[] = [];
  #rewriteWanted = false;
  #writing: Promise<void> | null = null;

  private constructor(
    private readonly journal: string,
    private readonly log: FabricLog,
  ) {}

  /** Loads the journal and brings it in line with the tree below `root`. */
  static async open(root: string, journal: string, log: FabricLog): Promise<DigestIndex> {
    const index = new DigestIndex(journal, log);
    const remembered = await index.#readJournal();
    await index.#scan(root, remembered);
    index.#sorted.sort();
    if (index.#lines !== index.#entries.size) index.#wantRewrite();
    await index.flush();
    return index;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytesTotal(): number {
    return this.#bytesTotal;
  }

  get(file: string): IndexEntry | undefined {
    return this.#entries.get(file);
  }

  set(file: string, entry: IndexEntry): void {
    const before = this.#entries.get(file);
    if (before) this.#bytesTotal -= before.bytes;
    else this.#sorted.splice(this.#lowerBound(file), 0, file);
    this.#put(file, entry);
    this.#append(JSON.stringify(toLine(file, entry)));
  }

  delete(file: string): void {
    const before = this.#entries.get(file);
    if (!before) return;
    this.#entries.delete(file);
    this.#bytesTotal -= before.bytes;
    this.#sorted.splice(this.#lowerBound(file), 1);
    this.#append(JSON.stringify({ p: file }));
  }

  /** Up to `limit` files whose path begins with `prefix` and comes after `after`, in order. */
  list(prefix: string, after: string | null, limit: number): FileInfo[] {
    const found: FileInfo[] = [];
    let at = this.#lowerBound(after !== null && after > prefix ? after : prefix);
    if (after !== null && this.#sorted[at] === after) at += 1;
    for (; at < this.#sorted.length && found.length < limit; at += 1) {
      const file = this.#sorted[at]!;
      if (!file.startsWith(prefix)) break;
      found.push(toFileInfo(file, this.#entries.get(file)!));
    }
    return found;
  }

  /** The first path at or after `from`; undefined at the end. For listings that skip whole directories. */
  firstFrom(from: string): string | undefined {
    return this.#sorted[this.#lowerBound(from)];
  }

  *entries(): IterableIterator<[string, IndexEntry]> {
    for (const file of this.#sorted) yield [file, this.#entries.get(file)!];
  }

  /** Resolves when every change so far has been handed to the file system. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  #put(file: string, entry: IndexEntry): void {
    this.#entries.set(file, entry);
    this.#bytesTotal += entry.bytes;
  }

  #lowerBound(file: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle]! < file) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #append(line: string): void {
    this.#lines += 1;
    if (this.#lines > 2 * this.#entries.size + JOURNAL_SLACK_LINES) this.#wantRewrite();
    else {
      this.#queue.push(line);
      this.#writing ??= this.#write();
    }
  }

  #wantRewrite(): void {
    // A rewrite writes what the entries are by then, so the lines that wait are in it.
    this.#queue = [];
    this.#lines = this.#entries.size;
    this.#rewriteWanted = true;
    this.#writing ??= this.#write();
  }

  /** One write at a time; lines that come meanwhile go together into the next. */
  async #write(): Promise<void> {
    while (this.#rewriteWanted || this.#queue.length > 0) {
      if (this.#rewriteWanted) {
        this.#rewriteWanted = false;
        await this.#guard(() => this.#rewrite());
      } else {
        const text = `${this.#queue.join('\n')}\n`;
        this.#queue = [];
        await this.#guard(() => appendFile(this.journal, text));
      }
    }
    this.#writing = null;
  }

  async #rewrite(): Promise<void> {
    const text = Array.from(this.entries(), ([file, entry]) => `${JSON.stringify(toLine(file, entry))}\n`).join('');
    await writeFile(`${this.journal}.tmp`, text);
    await rename(`${this.journal}.tmp`, this.journal);
  }

  /** Losing journal lines (a full disk) costs a digest at the next start, never data: it is logged and goes on. */
  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.log.warn('The digest index could not be written; digests will be computed again at the next start', {
        journal: this.journal,
        reason: (error as Error).message,
      });
    }
  }

  async #readJournal(): Promise<Map<string, IndexEntry>> {
    const remembered = new Map<string, IndexEntry>();
    let text: string;
    try {
      text = await readFile(this.journal, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return remembered;
      throw error;
    }
    for (const line of text.split('\n')) {
      if (line === '') continue;
      this.#lines += 1;
      const parsed = parseLine(line);
      if (!parsed) continue;
      if (parsed.entry) remembered.set(parsed.file, parsed.entry);
      else remembered.delete(parsed.file);
    }
    return remembered;
  }

  async #scan(root: string, remembered: Map<string, IndexEntry>): Promise<void> {
    const directories = [''];
    while (directories.length > 0) {
      const directory = directories.pop()!;
      const children = await readdir(path.join(root, directory), { withFileTypes: true });
      const files: string[] = [];
      for (const child of children) {
        const relative = directory === '' ? child.name : `${directory}/${child.name}`;
        // Links and devices are never served, so they are not listed either.
        if (child.isDirectory()) directories.push(relative);
        else if (child.isFile()) files.push(relative);
      }
      for (let at = 0; at < files.length; at += SCAN_CONCURRENCY) {
        const some = files.slice(at, at + SCAN_CONCURRENCY);
        const entries = await Promise.all(some.map((file) => this.#examine(root, file, remembered.get(file))));
        for (const [position, entry] of entries.entries()) {
          this.#put(some[position]!, entry);
          this.#sorted.push(some[position]!);
        }
      }
    }
  }

  async #examine(root: string, file: string, known: IndexEntry | undefined): Promise<IndexEntry> {
    const full = path.join(root, file);
    const facts = await stat(full);
    if (known && known.inode === facts.ino && known.bytes === facts.size && known.inodeMtimeMs === facts.mtimeMs)
      return known;
    // Makes the journal differ in length from the entries, so that it is written again.
    this.#lines = -1;
    const sha256 = await sha256OfFile(full);
    return {
      bytes: facts.size,
      sha256,
      // The same content on another inode (a restored copy) is as old as it was.
      modifiedAt: known?.sha256 === sha256 ? known.modifiedAt : Math.floor(facts.mtimeMs),
      inode: facts.ino,
      inodeMtimeMs: facts.mtimeMs,
    };
  }
}

export const toFileInfo = (file: string, entry: IndexEntry): FileInfo => ({
  path: file,
  bytes: entry.bytes,
  sha256: entry.sha256,
  modifiedAt: entry.modifiedAt,
});

const toLine = (file: string, entry: IndexEntry) => ({
  p: file,
  b: entry.bytes,
  h: entry.sha256,
  m: entry.modifiedAt,
  i: entry.inode,
  t: entry.inodeMtimeMs,
});

/** Null for a line torn by a crash. */
function parseLine(line: string): { file: string; entry: IndexEntry | null } | null {
  let raw: Record<string, unknown>;
  try {
    raw = JSON.parse(line) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof raw.p !== 'string') return null;
  if (raw.h === undefined) return { file: raw.p, entry: null };
  const { b, h, m, i, t } = raw;
  if (typeof b !== 'number' || typeof h !== 'string' || typeof m !== 'number') return null;
  if (typeof i !== 'number' || typeof t !== 'number') return null;
  return { file: raw.p, entry: { bytes: b, sha256: h, modifiedAt: m, inode: i, inodeMtimeMs: t } };
}
