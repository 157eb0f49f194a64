import type { FieldlineError } from '@/lib/errors';
import type { SourceFile } from './source';

/** The files that a mirror has, by path. */
export interface Here {
  get(path: string): { sha256: string } | undefined;
  /** `modifiedAt`: as its source told it, where that is known. */
  entries(): Iterable<[string, { sha256: string; modifiedAt?: number }]>;
}

/** A content on its way in. */
export interface Part {
  /** Bytes that are kept from before: the next write goes behind them. */
  have: number;
  write(chunk: Buffer): Promise<void>;
  /** What was written is kept. */
  close(): Promise<void>;
}

/**
 * Where a mirror brings its files to. What is on its way lies aside, one content by its digest, and survives the end of the process; a
 * file becomes visible by `install`, all at once.
 */
export interface MirrorTarget {
  index(): Promise<Here>;
  /** Bytes kept aside, by digest. */
  kept(): Promise<Map<string, number>>;
  /** Removes what nobody wants any more. */
  keepOnly(wanted: ReadonlySet<string>): Promise<void>;
  /** Takes the content of the file `from` aside before it may be replaced: nothing has to travel for it. */
  takeAside(from: string, sha256: string): Promise<void>;
  /** Fails with DISK_FULL where `bytes` more have no room, as far as that can be known. */
  checkSpace(bytes: number): Promise<void>;
  append(file: SourceFile): Promise<Part>;
  /** True when the whole content is aside, durably and with its digest. Otherwise nothing of it is kept. */
  verify(file: SourceFile, signal: AbortSignal): Promise<boolean>;
  /** Makes a verified content visible under a name. Fails with CONFLICT where something is in the way that the mirror will remove. */
  install(file: SourceFile): Promise<void>;
  drop(sha256: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** At the end of a run that brought everything. */
  clear(): Promise<void>;
  /** A failure of this storage in words. */
  failure(error: unknown): FieldlineError;
}
