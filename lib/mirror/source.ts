import type { Readable } from 'node:stream';

/** A file as the source lists it. */
export interface SourceFile {
  path: string;
  bytes: number;
  /** Lowercase hex. */
  sha256: string;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
}

/** What the source answers to a read: the bytes asked for, or why not. */
export type SourceContent =
  | { kind: 'content'; stream: Readable }
  /** The file has other content than was listed: begin anew with this. */
  | { kind: 'changed'; sha256: string; bytes: number }
  | { kind: 'gone' };

/**
 * Where a mirror brings its files from. The destination pulls; the source is only read.
 * Errors that another try may mend (the link is down, the answer was cut) are `retriable`.
 */
export interface MirrorSource {
  /**
   * Every file of the source whose path comes after `after` (null: all), in pages and in order of their paths, so that an interrupted
   * listing goes on where it was. Fails with NOT_FOUND where the source volume does not exist: that is not an empty volume,
   * and nothing may be concluded from it about what to delete.
   */
  list(after: string | null, signal: AbortSignal): AsyncIterable<SourceFile[]>;
  /**
   * Once a page was listed: when the site of the source was restored from a copy, ms since the epoch by its clock; null: never. Of what it listed
   * before that moment, it may have lost what nobody took away.
   */
  restoredAt?(): number | null;
  /** The bytes of `file.path` from `from` on, provided that its content is still `file.sha256`. */
  read(file: SourceFile, from: number, signal: AbortSignal): Promise<SourceContent>;
}
