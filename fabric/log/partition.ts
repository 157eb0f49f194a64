/**
 * One partition: an append-only log in segments. Acknowledged means fsynced: appends wait in a queue and are written in groups, one
 * write and one fdatasync each, while the next group collects (group commit). The high watermark is the fsynced end.
 *
 * Failures (see append): out of space cuts the file back to the last good size and refuses that group only; a failed fsync
 * closes the partition for writing until the next start, because the kernel may have dropped the pages it could not write, and a
 * second fsync would then lie. Reads go on in both cases.
 */
import path from 'node:path';
import type { Clock } from '@/lib/clock/clock';
import { errorMessage, FieldlineError } from '@/lib/errors';
import { type Batch, parseBatches } from '../kafka/record-batch';
import type { FabricLog } from '../logger';
import { planAppends } from './append-plan';
import { AppendQueue, type AppendResult, type PendingAppend } from './append-queue';
import type { FilePool } from './file-pool';
import type { Allocate, LogFile } from './log-fs';
import { ProducerState } from './producer-state';
import { LogReader, type TimedOffset } from './reader';
import { recoverSegments } from './recovery';
import { Segment } from './segment';
import type { PartitionLog, TopicConfig } from './types';

/** First offset still held, where that is not the first segment's begin (after DeleteRecords). */
const LOG_START_FILE = 'log-start';
const OUT_OF_SPACE_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

export interface PartitionParts {
  topic: string;
  partition: number;
  directory: string;
  pool: FilePool;
  clock: Clock;
  log: FabricLog;
  /** The topic's, as it is now. */
  config: () => TopicConfig;
}

export class Partition implements PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly #parts: PartitionParts;
  readonly #queue = new AppendQueue();
  readonly #reader: LogReader;
  readonly #listeners = new Set<() => void>();
  #segments: Segment[] = [];
  #producers = new ProducerState();
  #logStart = 0;
  /** Serialises everything that changes files: writing, rolling, retention, closing. */
  #writing: Promise<void> = Promise.resolve();
  #flushScheduled = false;
  #failure: FieldlineError | null = null;
  /** The disk refused the last group. */
  #refusing = false;
  /** The first offset that could not be read for damage; null: none was met. */
  #damagedFrom: number | null = null;

  private constructor(parts: PartitionParts) {
    this.#parts = parts;
    this.topic = parts.topic;
    this.partition = parts.partition;
    this.#reader = new LogReader(
      this,
      () => this.#segments,
      (offset) => this.#noteDamage(offset),
    );
  }

  /** Opens the directory and recovers what is in it: a torn tail is cut by checksum. */
  static async open(parts: PartitionParts): Promise<Partition> {
    const partition = new Partition(parts);
    await partition.#recover();
    return partition;
  }

  /** Makes the directory of a new, empty partition, durably but for its own name in the directory above. */
  static async create(parts: PartitionParts): Promise<void> {
    await parts.pool.fs.makeDirectory(parts.directory);
    await new Segment(parts.pool, parts.directory, 0).create();
  }

  get logStart(): number {
    return this.#logStart;
  }

  get highWatermark(): number {
    return this.#active.nextOffset;
  }

  /** True once its topic was deleted. */
  get isRetired(): boolean {
    return this.#failure?.code === 'NOT_FOUND';
  }

  /** What is wrong with this partition, in a sentence; null when nothing is known to be. */
  get trouble(): string | null {
    const name = `${this.topic}/${this.partition}`;
    if (this.isRetired) return null;
    if (this.#failure?.code === 'UNAVAILABLE') return this.#failure.message;
    if (this.#damagedFrom !== null && this.#damagedFrom >= this.#logStart)
      return `${name} is damaged on the disk: its records from offset ${this.#damagedFrom} on can not be read`;
    return this.#refusing ? `${name} takes no records until the disk takes them again` : null;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }

  bytesFrom(from: number): number {
    return this.#reader.bytesFrom(from);
  }

  timestampAt(offset: number): Promise<number | null> {
    return this.#reader.timestampAt(offset);
  }

  /** As the interface has it; into a buffer of `allocate`, where one is given and the first batch is not larger than `maxBytes`. */
  read(offset: number, maxBytes: number, allocate?: Allocate): Promise<Buffer> {
    return this.#reader.read(offset, maxBytes, allocate);
  }

  /** The first record at or after a time (ms); null when there is none. Within snappy, lz4 and zstd batches, the batch's first record. */
  offsetForTime(timestamp: number): Promise<TimedOffset | null> {
    return this.#reader.offsetForTime(timestamp);
  }

  /** The record with the latest time; null in an empty log. */
  latestTimed(): Promise<TimedOffset | null> {
    return this.#reader.latestTimed();
  }

  /**
   * Appends batches in order and resolves when they are fsynced; changes the batches in place. Fails with AppendRefusedError (idempotent
   * producers), DISK_FULL, UNAVAILABLE (too much waits, or the partition is closed after a failed fsync), NOT_FOUND (deleted).
   */
  append(batches: readonly Batch[]): Promise<AppendResult> {
    return this.#enqueue(batches, false);
  }

  async appendReplica(batches: Buffer): Promise<void> {
    const parsed = parseBatches(batches);
    if (parsed.length > 0) await this.#enqueue(parsed, true);
  }

  /** Calls back when the high watermark moves, when records are deleted, and when the partition goes away. Returns the unsubscriber. */
  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  waitBeyond(offset: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.highWatermark > offset) return Promise.resolve(true);
    if (signal?.aborted || this.isRetired) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        unsubscribe();
        signal?.removeEventListener('abort', finish);
        resolve(this.highWatermark > offset);
      };
      const unsubscribe = this.onAdvance(() => {
        if (this.highWatermark > offset || this.isRetired) finish();
      });
      const timer = setTimeout(finish, timeoutMs);
      signal?.addEventListener('abort', finish, { once: true });
    });
  }

  /** Forgets the records before `offset` (-1: all). Resolves with the new log start, when durable. Fails with REQUEST_INVALID beyond the end. */
  deleteRecordsBefore(offset: number): Promise<number> {
    return this.#exclusively(async () => {
      const target = offset === -1 ? this.highWatermark : offset;
      if (target > this.highWatermark || target < 0)
        throw new FieldlineError(
          'REQUEST_INVALID',
          `Offset ${target} is beyond the end of the log, ${this.highWatermark}`,
        );
      if (target > this.#logStart) {
        await this.#parts.pool.fs.replaceFile(path.join(this.#parts.directory, LOG_START_FILE), String(target));
        this.#logStart = target;
        await this.#removeSegments((segment) => segment.nextOffset <= target);
        this.#notify();
      }
      return this.#logStart;
    });
  }

  /** Removes whole segments that are too old or too many; the segment being written is closed first when it is too old itself. */
  enforceRetention(): Promise<void> {
    return this.#exclusively(async () => {
      if (this.#failure) return;
      const { retentionMs, retentionBytes } = this.#parts.config();
      const oldestKept = retentionMs < 0 ? Number.NEGATIVE_INFINITY : this.#parts.clock.now() - retentionMs;
      // Records without a time (-1) have no age.
      const isTooOld = ({ index }: Segment) => index.latestTimestamp >= 0 && index.latestTimestamp < oldestKept;
      if (this.#active.sizeBytes > 0 && isTooOld(this.#active)) await this.#roll();
      const excessBytes = () => (retentionBytes < 0 ? Number.NEGATIVE_INFINITY : this.sizeBytes - retentionBytes);
      await this.#removeSegments((segment) => isTooOld(segment) || excessBytes() >= segment.sizeBytes);
    });
  }

  /** Finishes what is queued and saves the index, so that the next start is quick. */
  async close(): Promise<void> {
    await this.#exclusively(() => this.#flushAll());
    await this.#exclusively(async () => {
      if (this.#failure === null) await this.#active.saveIndex(this.#producers);
      this.#failure ??= new FieldlineError('UNAVAILABLE', 'The fabric is stopping');
    });
  }

  /** After this every append fails with NOT_FOUND and every waiter is told; the files are the store's to remove. */
  async retire(): Promise<void> {
    this.#failure = new FieldlineError('NOT_FOUND', `The topic ${this.topic} was deleted`);
    this.#notify();
    await this.#exclusively(() => this.#flushAll());
    for (const segment of this.#segments) await this.#parts.pool.forget(segment.file);
  }

  get #active(): Segment {
    return this.#segments.at(-1)!;
  }

  async #recover(): Promise<void> {
    const { pool, directory } = this.#parts;
    const { segments, producers, isDamaged } = await recoverSegments(this.#parts);
    this.#segments = segments;
    this.#producers = producers;
    const saved = await pool.fs.readFile(path.join(directory, LOG_START_FILE));
    // A replica that began at a later offset leaves its empty first segment behind when a crash comes at that moment.
    while (this.#segments.length > 1 && this.#segments[0]!.nextOffset === this.#segments[0]!.baseOffset && !isDamaged)
      await this.#segments.shift()!.remove();
    this.#logStart = Math.max(this.#segments[0]!.baseOffset, saved === null ? 0 : Number(saved.toString('utf8')));
  }

  #enqueue(batches: readonly Batch[], keepOffsets: boolean): Promise<AppendResult> {
    if (this.#failure) return Promise.reject(this.#failure);
    const appended = this.#queue.add(batches, keepOffsets);
    if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      void this.#exclusively(() => this.#flushAll());
    }
    return appended;
  }

  /** Runs `action` when nothing else changes files. */
  #exclusively<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(action);
    this.#writing = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  async #flushAll(): Promise<void> {
    while (!this.#queue.isEmpty) {
      const { segmentBytes } = this.#parts.config();
      const isFull = this.#active.sizeBytes > 0 && this.#active.sizeBytes + this.#queue.firstBatchBytes > segmentBytes;
      const group = this.#queue.take(isFull ? segmentBytes : segmentBytes - this.#active.sizeBytes);
      try {
        if (this.#failure) throw this.#failure;
        if (isFull) await this.#roll();
        await this.#write(group);
      } catch (error) {
        const told = storageError(error);
        this.#noteRefusal(told);
        for (const append of group) append.reject(told);
      }
    }
    this.#flushScheduled = false;
  }

  async #write(group: readonly PendingAppend[]): Promise<void> {
    const plan = planAppends(group, this.highWatermark, this.#producers);
    const first = plan.written[0];
    if (first !== undefined) {
      // A replica of a log whose beginning is gone begins where the source does.
      if (first.baseOffset > this.highWatermark && this.#logStart === this.highWatermark)
        await this.#beginAt(first.baseOffset);
      const segment = this.#active;
      await this.#parts.pool.use(segment.file, (file) => this.#writeDurably(file, plan.buffers, segment.sizeBytes));
      for (const { header, baseOffset } of plan.written) {
        this.#reader.hints.noteAppended(baseOffset, segment.baseOffset, segment.sizeBytes);
        segment.noteAppended(header, baseOffset);
      }
      this.#producers.merge(plan.producers);
      this.#refusing = false;
      this.#notify();
    }
    for (const { append, result } of plan.outcomes) {
      if (result instanceof Error) append.reject(result);
      else append.resolve(result);
    }
  }

  async #writeDurably(file: LogFile, buffers: Buffer[], position: number): Promise<void> {
    try {
      await file.write(buffers, position);
    } catch (error) {
      // What was written in part must not stay behind the last good batch.
      await file.truncate(position).catch((cause: unknown) => this.#fail('cutting the file back failed', cause));
      throw error;
    }
    try {
      await file.datasync();
    } catch (cause) {
      this.#fail('a sync to the disk failed', cause);
      throw this.#failure;
    }
  }

  /** Once an outage: producers try again many times a second. */
  #noteRefusal(error: Error): void {
    if (error === this.#failure || this.#refusing) return;
    this.#refusing = true;
    const where = { topic: this.topic, partition: this.partition };
    this.#parts.log.error('Records are refused until the disk takes them again', { ...where, reason: error.message });
  }

  /** Once a place: a reader comes again and again. */
  #noteDamage(offset: number): void {
    if (this.#damagedFrom !== null && this.#damagedFrom <= offset) return;
    this.#damagedFrom = offset;
    this.#parts.log.error('Records on the disk are not what was stored, and are not served', {
      topic: this.topic,
      partition: this.partition,
      fromOffset: offset,
    });
  }

  #fail(what: string, cause: unknown): void {
    this.#failure = new FieldlineError(
      'UNAVAILABLE',
      `${this.topic}/${this.partition} takes no more records: ${what} (${errorMessage(cause)})`,
      { cause, remedy: 'Check the disk, then restart the fabric: it recovers what was acknowledged' },
    );
    this.#parts.log.error(this.#failure.message, { topic: this.topic, partition: this.partition });
  }

  /** Closes the segment being written and begins the next one. */
  async #roll(): Promise<void> {
    await this.#active.saveIndex(this.#producers);
    const next = new Segment(this.#parts.pool, this.#parts.directory, this.highWatermark);
    await next.create();
    this.#segments = [...this.#segments, next];
  }

  /** Begins an empty log at a later offset. */
  async #beginAt(offset: number): Promise<void> {
    const segment = new Segment(this.#parts.pool, this.#parts.directory, offset);
    await segment.create();
    this.#segments = [...this.#segments, segment];
    await this.#removeSegments((older) => older !== segment);
    this.#logStart = offset;
  }

  /** Removes segments from the front for as long as `removable` holds; never the one being written. */
  async #removeSegments(removable: (segment: Segment) => boolean): Promise<void> {
    const countBefore = this.#segments.length;
    while (this.#segments.length > 1 && removable(this.#segments[0]!)) {
      const [oldest, ...kept] = this.#segments;
      this.#segments = kept;
      this.#logStart = Math.max(this.#logStart, kept[0]!.baseOffset);
      await oldest!.remove();
    }
    if (this.#segments.length < countBefore) await this.#parts.pool.fs.syncDirectory(this.#parts.directory);
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function storageError(error: unknown): Error {
  if (error instanceof FieldlineError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (OUT_OF_SPACE_CODES.has(code))
    return new FieldlineError('DISK_FULL', 'The disk is full: nothing more can be stored', {
      cause: error,
      remedy: 'Free space, or lower the retention of topics; producers try again by themselves',
    });
  return new FieldlineError('UNAVAILABLE', `The log could not be written: ${errorMessage(error)}`, { cause: error });
}
