import type { Volume } from './volume';

/** A path as asked for, in the volume that holds it. */
export interface Target {
  volume: Volume;
  /** Relative to the volume, without a slash at its end; empty: the volume itself. */
  relative: string;
  /** The path ended in a slash. */
  isDirectory: boolean;
}
