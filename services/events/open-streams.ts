/**
 * The event streams that are open in this process, so that a shutdown can end them: a client that is told "end" reconnects at once
 * to the next process, one that is cut off waits for its timeout.
 * On globalThis because Next compiles instrumentation.ts and each route handler as separate bundles.
 */
const KEY = Symbol.for('fieldline.open-streams');
type Closers = Set<() => void>;

function closers(): Closers {
  const holder = globalThis as { [KEY]?: Closers };
  holder[KEY] ??= new Set();
  return holder[KEY];
}

/** Registers how to end a stream. Returns the unregistrar. */
export function registerStream(close: () => void): () => void {
  closers().add(close);
  return () => {
    closers().delete(close);
  };
}

/** How many streams are open. */
export const openStreamCount = (): number => closers().size;

/** Ends every open stream. */
export function endStreams(): void {
  for (const close of [...closers()]) close();
}
