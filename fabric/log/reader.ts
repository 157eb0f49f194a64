/** Finds and reads what is synced in a partition's segments. */
import { FieldlineError } from '@/lib/errors';
import {
  type BatchHeader,
  batchHeaderAt,
  batchIsIntact,
  batchSizeAt,
  endOffsetOf,
  parseBatches,
  wholeBatches,
} from '../kafka/record-batch';
import { recordTimes } from '../kafka/records';
import type { Allocate } from './log-fs';
import { PositionHints } from './position-hints';
import type { PlacedBatch, Segment } from './segment';

export interface TimedOffset {
  offset: number;
  /** Milliseconds since the epoch. */
  timestamp: number;
}

interface Bounds {
  readonly logStart: number;
  readonly highWatermark: number;
}

interface Found extends PlacedBatch {
  segment: Segment;
}

export class LogReader {
  readonly hints = new PositionHints();

  constructor(
    readonly bounds: Bounds,
    /** Oldest first; a new array whenever they change. */
    readonly segments: () => readonly Segment[],
    /** Told when records at and behind this offset turn out not to be what was stored. */
    readonly onDamage: (offset: number) => void = () => undefined,
  ) {}

  /** Exact near the end and where readers are; elsewhere up to the index interval (64 KiB) too many. */
  bytesFrom(from: number): number {
    if (from >= this.bounds.highWatermark) return 0;
    const segments = this.segments();
    const first = segmentOf(segments, from);
    let bytes = 0;
    for (const segment of segments.slice(first)) bytes += segment.sizeBytes;
    const segment = segments[first]!;
    return bytes - (this.hints.find(from, segment.baseOffset) ?? segment.index.positionBefore(from));
  }

  /** Fails with REQUEST_INVALID when `offset` is outside the log, DATA_DAMAGED when the batch there is not what was stored. */
  async read(offset: number, maxBytes: number, allocate?: Allocate): Promise<Buffer> {
    this.#check(offset);
    if (offset === this.bounds.highWatermark) return Buffer.alloc(0);
    try {
      return await this.#read(offset, maxBytes, allocate);
    } catch (error) {
      // Retention may have removed the segment meanwhile: then the offset is outside by now.
      this.#check(offset);
      throw error;
    }
  }

  async timestampAt(offset: number): Promise<number | null> {
    const from = Math.max(offset, this.bounds.logStart);
    if (from >= this.bounds.highWatermark) return null;
    const found = await this.#find(from);
    if (found === null) return null;
    const first = await this.#firstRecord(found, (record) => record.offset >= from);
    return first?.timestamp ?? found.header.baseTimestamp;
  }

  async offsetForTime(timestamp: number): Promise<TimedOffset | null> {
    const { logStart } = this.bounds;
    for (const segment of this.segments()) {
      if (segment.index.latestTimestamp < timestamp) continue;
      const mayHold = ({ maxTimestamp, lastOffset }: BatchHeader) =>
        maxTimestamp >= timestamp && lastOffset >= logStart;
      let placed = await segment.find(segment.index.positionBeforeTime(timestamp), mayHold);
      while (placed !== null) {
        const record = await this.#firstRecord(
          { ...placed, segment },
          (candidate) => candidate.timestamp >= timestamp && candidate.offset >= logStart,
        );
        if (record) return record;
        // The only record that late lies before the log's start.
        placed = await segment.find(placed.position + placed.header.sizeBytes, mayHold);
      }
    }
    return null;
  }

  async latestTimed(): Promise<TimedOffset | null> {
    const latest = this.segments().reduce((best, segment) => Math.max(best, segment.index.latestTimestamp), -1);
    return latest < 0 ? null : this.offsetForTime(latest);
  }

  async #read(offset: number, maxBytes: number, allocate?: Allocate): Promise<Buffer> {
    const place = this.#hinted(offset) ?? (await this.#find(offset));
    // Below the high watermark there is a batch for every offset.
    if (place === null) throw this.#damagedAt(offset);
    const { segment, position } = place;
    let chunk = await segment.read(position, maxBytes, allocate);
    let batches = wholeBatches(chunk);
    if (batches.length === 0) {
      // The first batch is larger than what was asked: it is returned whole, or its reader would never get past it (KIP-74).
      const sizeBytes = batchSizeAt(chunk) ?? batchSizeAt(await segment.read(position, HEADER_PEEK_BYTES));
      if (sizeBytes === null) throw this.#damagedAt(offset);
      chunk = await segment.read(position, sizeBytes);
      batches = wholeBatches(chunk);
    }
    if (position < segment.checkedFrom) batches = intactBatches(batches, offset, segment.nextOffset);
    if (batches.length === 0) throw this.#damagedAt(offset);
    this.#rememberEnd(batches, segment, position);
    return batches;
  }

  #hinted(offset: number): { segment: Segment; position: number } | null {
    const segments = this.segments();
    const segment = segments[segmentOf(segments, offset)]!;
    const position = this.hints.find(offset, segment.baseOffset);
    return position === undefined || position >= segment.sizeBytes ? null : { segment, position };
  }

  /** The batch that holds `offset`, or the next one behind a gap. */
  async #find(offset: number): Promise<Found | null> {
    const segments = this.segments();
    for (const segment of segments.slice(segmentOf(segments, offset))) {
      const placed = await segment.find(segment.index.positionBefore(offset), (header) => header.lastOffset >= offset);
      if (placed) return { ...placed, segment };
    }
    return null;
  }

  async #firstRecord(found: Found, wanted: (record: TimedOffset) => boolean): Promise<TimedOffset | null> {
    const batch = parseBatches(await found.segment.read(found.position, found.header.sizeBytes))[0]!;
    const times = recordTimes(batch);
    if (times === null) return { offset: found.header.baseOffset, timestamp: found.header.baseTimestamp };
    return times.find(wanted) ?? null;
  }

  #rememberEnd(batches: Buffer, segment: Segment, position: number): void {
    this.hints.noteReadEnd(endOffsetOf(batches), segment.baseOffset, position + batches.length);
  }

  #damagedAt(offset: number): FieldlineError {
    // Retention may have removed the segment meanwhile: then nothing is damaged.
    this.#check(offset);
    this.onDamage(offset);
    return new FieldlineError('DATA_DAMAGED', `The records from offset ${offset} on are not what was stored`, {
      remedy: 'Check the disk; delete a replica to have it brought again, or go on behind the damage',
    });
  }

  #check(offset: number): void {
    const { logStart, highWatermark } = this.bounds;
    if (offset < logStart || offset > highWatermark)
      throw new FieldlineError(
        'REQUEST_INVALID',
        `Offset ${offset} is outside the log, ${logStart} to ${highWatermark}`,
        {
          details: { logStart, highWatermark },
        },
      );
  }
}

/** The batches before the first one that is not what was stored: its checksum is wrong, or its offset, which no checksum covers. A view. */
function intactBatches(batches: Buffer, from: number, end: number): Buffer {
  let at = 0;
  let next = 0;
  while (at < batches.length) {
    const header = batchHeaderAt(batches, at);
    if (header === null || !batchIsIntact(batches, at, header.sizeBytes)) break;
    if (header.baseOffset < next || header.lastOffset < from || header.lastOffset >= end) break;
    next = header.lastOffset + 1;
    at += header.sizeBytes;
  }
  return batches.subarray(0, at);
}

/** Enough for a batch's size. */
const HEADER_PEEK_BYTES = 12;

/** The index of the segment that holds `offset`, or would; by bisection. */
function segmentOf(segments: readonly Segment[], offset: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (segments[middle]!.baseOffset <= offset) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
