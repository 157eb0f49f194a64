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

export function segmentBaseOffset(fileName: string): number | null {
  const match = /^(\d{20})\.log$/.exec(fileName);
  return match ? Number(match[1]) : null;
}

export class Segment {
  /** What is synced; the file may be longer while a write is under way. */
  sizeBytes = 0;
  /** The offset behind the last record. */
  nextOffset: number;
  index = new SegmentIndex();

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

  /**
   * Reads what is there after a start: the saved index where there is a good one, and behind it every batch, checked.
   * Returns the producers as of the end of this segment, and how many bytes of the file are no good.
   */
  async recover(
    producersBefore: ProducerState,
  ): Promise<{ producers: ProducerState; badBytes: number; scannedBytes: number }> {
    const fileBytes = await this.pool.use(this.file, (file) => file.size());
    const saved = await this.#readSavedIndex(fileBytes);
    let producers = producersBefore;
    if (saved) {
      this.sizeBytes = saved.sizeBytes;
      this.nextOffset = saved.nextOffset;
      this.index = SegmentIndex.fromJSON(saved.index);
      producers = new ProducerState(saved.producers);
    }
    const scannedFrom = this.sizeBytes;
    await this.#scan(fileBytes, producers);
    return { producers, badBytes: fileBytes - this.sizeBytes, scannedBytes: fileBytes - scannedFrom };
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

  async #readSavedIndex(fileBytes: number): Promise<SavedIndex | null> {
    const content = await this.pool.fs.readFile(this.#path(INDEX_SUFFIX));
    if (content === null) return null;
    const text = content.toString('utf8');
    const newline = text.indexOf('\n');
    if (text.slice(0, newline) !== checksumOf(text.slice(newline + 1))) return null;
    const saved = JSON.parse(text.slice(newline + 1)) as SavedIndex;
    return saved.format === INDEX_FORMAT && saved.sizeBytes <= fileBytes ? saved : null;
  }

  #path(suffix: string): string {
    return path.join(this.directory, `${String(this.baseOffset).padStart(NAME_DIGITS, '0')}${suffix}`);
  }
}

function checksumOf(text: string): string {
  return crc32c(Buffer.from(text)).toString(16).padStart(8, '0');
}
