/** One file of a partition's log: batches one behind the other, named by the offset it begins at. */
import path from 'node:path';
import { crc32c } from '../kafka/crc32c';
import { BATCH_HEADER_BYTES, type BatchHeader, batchHeaderAt, batchIsIntact } from '../kafka/record-batch';
import type { FilePool } from './file-pool';
import type { Allocate } from './log-fs';
import { ProducerState } from './producer-state';
import { SegmentIndex } from './segment-index';

const NAME_DIGITS = 20;
const LOG_SUFFIX = '.log';
const INDEX_SUFFIX = '.index';
/** What was cut off a damaged segment, kept for a person to look at. */
const DAMAGED_SUFFIX = '.damaged';
const INDEX_FORMAT = 1;
/** Read at once while looking for a batch by its header. */
const WALK_WINDOW_BYTES = 64 * 1024;
/** Read at once while checking checksums after a crash. */
const SCAN_WINDOW_BYTES = 4 * 1024 * 1024;

interface SavedIndex {
  format: number;
  sizeBytes: number;
  nextOffset: number;
  index: ReturnType<SegmentIndex['toJSON']>;
  producers: ReturnType<ProducerState['toJSON']>;
}

export interface PlacedBatch {
  header: BatchHeader;
  position: number;
}

/** What a start found in a segment. */
export interface RecoveredSegment {
  /** The producers as of its end. */
  producers: ProducerState;
  /** Bytes at the end of the file that are no good. */
  badBytes: number;
  /** Bytes that had to be read, since no index covers them. */
  scannedBytes: number;
  /** Bytes that the index knows to have been synced, and that are not there. */
  missingBytes: number;
  /** Whole batches lie behind the first bad byte: no write that was cut off, or not only. */
  hasBatchesBehind: boolean;
}

export function segmentBaseOffset(fileName: string, suffix = LOG_SUFFIX): number | null {
  if (!fileName.endsWith(suffix)) return null;
  const digits = fileName.slice(0, -suffix.length);
  return digits.length === NAME_DIGITS && /^\d+$/.test(digits) ? Number(digits) : null;
}
/** Of a segment whose log may be lost. */
export const indexBaseOffset = (fileName: string) => segmentBaseOffset(fileName, INDEX_SUFFIX);

export class Segment {
  /** What is synced; the file may be longer while a write is under way. */
  sizeBytes = 0;
  /** The offset behind the last record. */
  nextOffset: number;
  index = new SegmentIndex();
  /** From here on every batch was checked since this process began; what lies before, a saved index vouches for, not for every byte of it. */
  checkedFrom = 0;

  constructor(
    readonly pool: FilePool,
    readonly directory: string,
    readonly baseOffset: number,
  ) {
    this.nextOffset = baseOffset;
  }

  get file(): string {
    return this.#path(LOG_SUFFIX);
  }

  /** Makes the empty file, durably. */
  async create(): Promise<void> {
    const file = await this.pool.fs.open(this.file, { create: true });
    await file.close();
    await this.pool.fs.syncDirectory(this.directory);
  }

  /** Reads what is there after a start: the saved index where there is a good one, and behind it every batch, checked. */
  async recover(producersBefore: ProducerState): Promise<RecoveredSegment> {
    const fileBytes = await this.pool.use(this.file, (file) => file.size());
    const saved = await this.#readSavedIndex();
    const missingBytes = Math.max(0, (saved?.sizeBytes ?? 0) - fileBytes);
    let producers = producersBefore;
    if (saved && missingBytes === 0) {
      this.sizeBytes = saved.sizeBytes;
      this.nextOffset = saved.nextOffset;
      this.index = SegmentIndex.fromJSON(saved.index);
      producers = new ProducerState(saved.producers);
      this.checkedFrom = saved.sizeBytes;
    }
    const scannedFrom = this.sizeBytes;
    await this.#scan(fileBytes, producers);
    const badBytes = fileBytes - this.sizeBytes;
    return {
      producers,
      badBytes,
      scannedBytes: fileBytes - scannedFrom,
      missingBytes,
      hasBatchesBehind: badBytes > 0 && (await this.#hasBatchAfter(this.sizeBytes, fileBytes)),
    };
  }

  /** The offset behind the last record that the saved index knows of; null without a good index. */
  async indexedEnd(): Promise<number | null> {
    return (await this.#readSavedIndex())?.nextOffset ?? null;
  }

  /** Copies what is no good to a file of its own, durably. Returns its path. */
  async setAside(badBytes: number): Promise<string> {
    const aside = this.#path(`.${this.sizeBytes}${DAMAGED_SUFFIX}`);
    const copy = await this.pool.fs.open(aside, { create: true });
    try {
      await this.pool.use(this.file, async (file) => {
        for (let done = 0; done < badBytes; done += SCAN_WINDOW_BYTES) {
          const piece = await file.read(this.sizeBytes + done, Math.min(SCAN_WINDOW_BYTES, badBytes - done));
          await copy.write([piece], done);
        }
      });
      await copy.datasync();
    } finally {
      await copy.close();
    }
    await this.pool.fs.syncDirectory(this.directory);
    return aside;
  }

  /** Notes a batch that is now synced at the end of the file. */
  noteAppended(header: BatchHeader, baseOffset: number): void {
    this.index.add(baseOffset, this.sizeBytes, header.maxTimestamp);
    this.sizeBytes += header.sizeBytes;
    this.nextOffset = baseOffset + (header.lastOffset - header.baseOffset) + 1;
  }

  /** Saves index and producers beside the segment, so that the next start need not read it. */
  async saveIndex(producers: ProducerState): Promise<void> {
    const saved: SavedIndex = {
      format: INDEX_FORMAT,
      sizeBytes: this.sizeBytes,
      nextOffset: this.nextOffset,
      index: this.index.toJSON(),
      producers: producers.toJSON(),
    };
    const text = JSON.stringify(saved);
    await this.pool.fs.replaceFile(this.#path(INDEX_SUFFIX), `${checksumOf(text)}\n${text}`);
  }

  /** The first batch, from `position` on, for which `wanted` holds; null when there is none. */
  async find(position: number, wanted: (header: BatchHeader) => boolean): Promise<PlacedBatch | null> {
    return this.pool.use(this.file, async (file) => {
      let at = position;
      let windowStart = at;
      let window: Buffer = Buffer.alloc(0);
      while (at < this.sizeBytes) {
        if (at + BATCH_HEADER_BYTES > windowStart + window.length) {
          window = await file.read(at, Math.min(WALK_WINDOW_BYTES, this.sizeBytes - at));
          windowStart = at;
        }
        const header = batchHeaderAt(window, at - windowStart);
        if (header === null) return null;
        if (wanted(header)) return { header, position: at };
        at += header.sizeBytes;
      }
      return null;
    });
  }

  /** Bytes of the file, at most up to what is synced. */
  async read(position: number, length: number, allocate?: Allocate): Promise<Buffer> {
    const present = Math.min(length, this.sizeBytes - position);
    return this.pool.use(this.file, (file) => file.read(position, present, allocate));
  }

  /** Removes the files. Reads that are under way finish. */
  async remove(): Promise<void> {
    await this.pool.forget(this.file);
    await this.pool.fs.remove(this.file);
    await this.pool.fs.remove(this.#path(INDEX_SUFFIX));
  }

  async #scan(fileBytes: number, producers: ProducerState): Promise<void> {
    await this.pool.use(this.file, async (file) => {
      while (this.sizeBytes < fileBytes) {
        const start = this.sizeBytes;
        let window = await file.read(start, Math.min(SCAN_WINDOW_BYTES, fileBytes - start));
        const first = batchHeaderAt(window);
        if (first && first.sizeBytes > window.length && start + first.sizeBytes <= fileBytes)
          window = await file.read(start, first.sizeBytes);
        this.#noteIntact(window, producers);
        if (this.sizeBytes === start) return;
      }
    });
  }

  /** Takes the good batches at the start of the window. */
  #noteIntact(window: Buffer, producers: ProducerState): void {
    for (let at = 0; at < window.length; ) {
      const header = batchHeaderAt(window, at);
      if (header === null || !batchIsIntact(window, at, header.sizeBytes)) return;
      // A batch from before is what an older, longer file left behind.
      if (header.baseOffset < this.nextOffset) return;
      producers.record(header, header.baseOffset);
      this.noteAppended(header, header.baseOffset);
      at += header.sizeBytes;
    }
  }

  /** True where a whole batch of later records begins anywhere behind `from`. */
  async #hasBatchAfter(from: number, fileBytes: number): Promise<boolean> {
    return this.pool.use(this.file, async (file) => {
      for (let start = from + 1; start < fileBytes; start += SCAN_WINDOW_BYTES) {
        // A batch that begins in one window may end in the next.
        const window = await file.read(start, Math.min(2 * SCAN_WINDOW_BYTES, fileBytes - start));
        for (let at = 0; at < Math.min(SCAN_WINDOW_BYTES, window.length); at++) {
          const header = batchHeaderAt(window, at);
          if (header && header.baseOffset >= this.nextOffset && batchIsIntact(window, at, header.sizeBytes))
            return true;
        }
      }
      return false;
    });
  }

  async #readSavedIndex(): Promise<SavedIndex | null> {
    const content = await this.pool.fs.readFile(this.#path(INDEX_SUFFIX));
    if (content === null) return null;
    const text = content.toString('utf8');
    const newline = text.indexOf('\n');
    if (text.slice(0, newline) !== checksumOf(text.slice(newline + 1))) return null;
    const saved = JSON.parse(text.slice(newline + 1)) as SavedIndex;
    return saved.format === INDEX_FORMAT ? saved : null;
  }

  #path(suffix: string): string {
    return path.join(this.directory, `${String(this.baseOffset).padStart(NAME_DIGITS, '0')}${suffix}`);
  }
}

function checksumOf(text: string): string {
  return crc32c(Buffer.from(text)).toString(16).padStart(8, '0');
}
