/**
 * The volumes port: named directory trees of files, and mirrors of other sites' volumes.
 *
 * Paths are relative to the volume, with `/`, without `..`; a driver refuses others with PATH_OUTSIDE_VOLUME.
 * Not in it: permissions, partial writes, appends.
 */
import type { Readable } from 'node:stream';

export interface FileInfo {
  path: string;
  bytes: number;
  /** Lowercase hex. */
  sha256: string;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
}

export interface ByteRange {
  /** First byte, from 0. */
  start: number;
  /** Last byte, inclusive; to the end when absent. */
  end?: number;
}

export interface FileContent {
  info: FileInfo;
  /** The range that is served; the whole file when none was asked. */
  range: { start: number; end: number };
  stream: Readable;
}

export type MirrorState = 'idle' | 'running' | 'failed';

export interface MirrorStatus {
  state: MirrorState;
  /** The source as `volume@site`. */
  source: string;
  /** What the current run (or, while idle, the next run as far as known) has to bring; null while unknown, e.g. the link is down. */
  filesTotal: number | null;
  bytesTotal: number | null;
  filesDone: number;
  bytesDone: number;
  /** Paths that wait or are being brought, at most 1000, each with its progress. */
  pending: { path: string; bytes: number; bytesDone: number }[];
  /** Bytes a second over the last seconds of the current run; 0 while idle. */
  bytesPerSecond: number;
  /** Of the current run, or of the last one as far as known: whoever looks afterwards must know whether it came after something. */
  startedAt: number | null;
  lastSuccessAt: number | null;
  lastError: string | null;
  /** When these figures were read, ms since the epoch. */
  asOf: number;
}

export interface Volumes {
  /** Idempotent. */
  ensureVolume(volume: string): Promise<void>;
  /** Idempotent. A mirror refuses writes with VOLUME_READ_ONLY. */
  ensureMirror(volume: string, source: { volume: string; site: string }): Promise<void>;
  list(volume: string, prefix?: string): Promise<FileInfo[]>;
  stat(volume: string, path: string): Promise<FileInfo | null>;
  /** Streams the file in; visible all at once, and only when complete. Replaces an existing file of that name. */
  put(
    volume: string,
    path: string,
    content: Readable | Buffer,
    options?: { signal?: AbortSignal; maxBytes?: number },
  ): Promise<FileInfo>;
  get(volume: string, path: string, options?: { range?: ByteRange; signal?: AbortSignal }): Promise<FileContent | null>;
  /** Copies within the site, without the bytes passing through the caller where the fabric can. */
  copy(from: { volume: string; path: string }, to: { volume: string; path: string }): Promise<FileInfo>;
  /** True when a file was removed. */
  remove(volume: string, path: string): Promise<boolean>;
  /** Fails with MIRROR_RUNNING when a run is under way. Returns at once; the run goes on in the fabric. */
  startMirror(volume: string): Promise<void>;
  /** Idempotent. What was brought so far is kept for the next run. */
  stopMirror(volume: string): Promise<void>;
  /** `refresh` asks the source what waits (uses the link); otherwise the last known figures. */
  mirrorStatus(volume: string, options?: { refresh?: boolean }): Promise<MirrorStatus>;
  close(): Promise<void>;
}
