import type { FileInfo } from '@/lib/ports/volumes';

export type VolumeType = 'rw' | 'mirror';

/** `volume@cluster`; the cluster of an embedded fabric is its site. */
export interface VolumeSource {
  volume: string;
  cluster: string;
}

/** A volume as registered. */
export interface VolumeRecord {
  id: number;
  name: string;
  /** Where it is mounted: an absolute path, unique within the fabric. */
  path: string;
  type: VolumeType;
  /** Of a mirror; kept when the volume is promoted, so that it can be demoted again. */
  source: VolumeSource | null;
  mounted: boolean;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** One line of a listing that does not descend. */
export type DirectoryEntry = ({ type: 'file' } & FileInfo) | { type: 'directory'; path: string };

export interface WriteOptions {
  signal?: AbortSignal;
  /** Refuse more than this with REQUEST_INVALID. */
  bytesMax?: number;
  /** Fail with DIGEST_MISMATCH when what came has another SHA-256 (lowercase hex). */
  sha256?: string;
}
