/** Reads a body under the limits of a download: bytes, and time without progress. */
import type { Readable } from 'node:stream';
import { isFieldlineError } from '@/lib/errors';
import { timedOut, tooLarge, unreachable } from './failures';

export interface MeasureOptions {
  /** Named in errors. */
  readonly host: string;
  readonly bytesMax: number;
  readonly idleMsMax: number;
  readonly signal: AbortSignal;
}

/**
 * A source that brings less than this in `idleMsMax` counts as idle: otherwise a byte now and then would hold a download slot for ever.
 * 16 KiB in the default 30 s is 546 bytes a second.
 */
export const PROGRESS_BYTES_MIN = 16 * 1024;

/**
 * The body's chunks. Time counts only while waiting for the source, so a slow consumer is never taken for a slow source.
 * Throws ASSET_TOO_LARGE, ASSET_TIMEOUT, ASSET_UNREACHABLE or the signal's reason, and then destroys the body.
 */
export async function* measured(body: Readable, options: MeasureOptions): AsyncGenerator<Buffer, void, undefined> {
  const { host, bytesMax, idleMsMax, signal } = options;
  const iterator = body[Symbol.asyncIterator]();
  const onAbort = () => body.destroy(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  let bytes = 0;
  let windowBytes = 0;
  let windowMs = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const asked = performance.now();
      const timer = setTimeout(() => body.destroy(timedOut(host, idleMsMax, bytes)), idleMsMax);
      const next = await iterator.next().finally(() => clearTimeout(timer));
      if (next.done) return;
      const chunk = next.value as Buffer;
      bytes += chunk.length;
      if (bytes > bytesMax) throw tooLarge(bytesMax, null);
      windowMs += performance.now() - asked;
      windowBytes += chunk.length;
      if (windowBytes >= PROGRESS_BYTES_MIN) {
        windowBytes = 0;
        windowMs = 0;
      } else if (windowMs >= idleMsMax) throw timedOut(host, idleMsMax, bytes);
      yield chunk;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw isFieldlineError(error) ? error : unreachable(host, error, bytes);
  } finally {
    signal.removeEventListener('abort', onAbort);
    body.destroy();
  }
}

/** The first `bytes` of a source (fewer where it ends earlier) and the rest of it, with these bytes in front again. */
export async function peek(
  source: AsyncGenerator<Buffer, void, undefined>,
  bytes: number,
): Promise<{ head: Buffer; all: () => AsyncGenerator<Buffer, void, undefined> }> {
  const chunks: Buffer[] = [];
  let held = 0;
  while (held < bytes) {
    const next = await source.next();
    if (next.done) break;
    chunks.push(next.value);
    held += next.value.length;
  }
  const head = Buffer.concat(chunks);
  return {
    head,
    async *all() {
      try {
        if (head.length > 0) yield head;
        yield* source;
      } finally {
        await source.return();
      }
    },
  };
}
