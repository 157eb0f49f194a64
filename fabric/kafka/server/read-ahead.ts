/**
 * Reads on for a client that reads a partition from one end to the other: the piece behind the one it just got, while it works on that
 * one. Clients ask for the next piece when they have the last, so that otherwise their work and our reading would take turns.
 */

import type { BufferPool } from '../buffer-pool';
import { endOffsetOf } from '../record-batch';

/** What can be read: a partition. */
export interface Source {
  readonly highWatermark: number;
  read(offset: number, maxBytes: number, allocate: (sizeBytes: number) => Buffer): Promise<Buffer>;
}

interface Piece {
  bytes: Buffer;
  /** What it lies in, to be given back to the pool. */
  leased: Buffer[];
}

interface Ahead {
  source: Source;
  offset: number;
  /** Null when it could not be read; who asks for it then is told why. */
  piece: Promise<Piece | null>;
}

/** A client that has not asked for the next piece by then has something else to do, and its memory is wanted elsewhere. */
const KEPT_MS = 1000;

export class ReadAhead {
  #ahead: Ahead | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly pool: BufferPool,
    readonly keptMs = KEPT_MS,
  ) {}

  /** As `source.read`; what the answer lies in is added to `leased`, and is to be given back to the pool. */
  async read(source: Source, offset: number, maxBytes: number, leased: Buffer[]): Promise<Buffer> {
    const piece = (await this.#take(source, offset, maxBytes)) ?? (await this.#read(source, offset, maxBytes));
    leased.push(...piece.leased);
    const { bytes } = piece;
    // A client that takes less than it could has reached the end, or reads many partitions at once.
    if (bytes.length > maxBytes / 2 && bytes.length <= maxBytes) this.#goOn(source, endOffsetOf(bytes), maxBytes);
    return bytes;
  }

  /** Forgets what was read ahead. */
  drop(): void {
    clearTimeout(this.#timer);
    const ahead = this.#ahead;
    this.#ahead = null;
    ahead?.piece.then((piece) => this.#giveBack(piece));
  }

  /** What was read ahead, where that is what is asked for now. */
  async #take(source: Source, offset: number, maxBytes: number): Promise<Piece | null> {
    const ahead = this.#ahead;
    if (ahead?.source !== source || ahead.offset !== offset) return null;
    clearTimeout(this.#timer);
    this.#ahead = null;
    const piece = await ahead.piece;
    if (piece === null || piece.bytes.length <= maxBytes) return piece;
    this.#giveBack(piece);
    return null;
  }

  #goOn(source: Source, offset: number, maxBytes: number): void {
    this.drop();
    if (offset >= source.highWatermark) return;
    this.#ahead = { source, offset, piece: this.#read(source, offset, maxBytes).catch(() => null) };
    this.#timer = setTimeout(() => this.drop(), this.keptMs);
    this.#timer.unref();
  }

  async #read(source: Source, offset: number, maxBytes: number): Promise<Piece> {
    const leased: Buffer[] = [];
    const allocate = (sizeBytes: number) => {
      const buffer = this.pool.take(sizeBytes);
      leased.push(buffer);
      return buffer.subarray(0, sizeBytes);
    };
    return { bytes: await source.read(offset, maxBytes, allocate), leased };
  }

  #giveBack(piece: Piece | null): void {
    for (const buffer of piece?.leased ?? []) this.pool.give(buffer);
  }
}
