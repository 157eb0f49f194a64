import type { LogSink } from '../supervisor';

/** A process log that nobody reads. */
export const quietSink: LogSink = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};
