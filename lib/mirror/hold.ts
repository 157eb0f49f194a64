/** The right to run a mirror, which one process has at a time, and which the death of that process gives back. */
export interface Hold {
  /** Aborts when the right was lost, e.g. with the connection that it hung on. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Null while another process has it. */
export type TryHold = (name: string) => Promise<Hold | null>;
