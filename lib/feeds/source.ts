/** Where a feed's document comes from: an address, read with conditional requests, or a file. */
import { open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Clock } from '@/lib/clock/clock';
import { readDocument } from '@/lib/download/read-document';
import { errorMessage, FieldlineError, isFieldlineError, shownMessage } from '@/lib/errors';
import { formatBytes } from '@/lib/format/bytes';

/** Larger than any search page; a feed with more belongs on several pages. */
export const FEED_BYTES_MAX = 16 * 1024 * 1024;
const FEED_IDLE_MS_MAX = 15_000;
const FEED_TOTAL_MS_MAX = 60_000;
const FEED_REDIRECTS_MAX = 5;
/** "Not modified" is believed this long, then the whole is read again: whoever ingests may have failed behind the last poll. */
export const UNMODIFIED_MS_MAX = 5 * 60_000;

export interface SourceDocument {
  json: unknown;
  /** What relative links are relative to. */
  base: string;
}

export interface FeedSource {
  /** Null where nothing changed since the last document that was `done`. Fails with FEED_UNAVAILABLE, FEED_INVALID or the signal's reason. */
  read(signal: AbortSignal): Promise<SourceDocument | null>;
  /** The last document was used to its end. */
  done(): void;
}

export interface UrlSourceOptions {
  readonly feedId: string;
  readonly url: string;
  /** The feed's own host among them. */
  readonly allowPrivateHosts: readonly string[];
  readonly clock: Clock;
}

interface Validators {
  etag?: string | undefined;
  lastModified?: string | undefined;
  at: number;
}

export function urlSource({ feedId, url, allowPrivateHosts, clock }: UrlSourceOptions): FeedSource {
  let pending: Validators | null = null;
  let held: Validators | null = null;
  return {
    async read(signal) {
      if (held && clock.now() - held.at > UNMODIFIED_MS_MAX) held = null;
      const document = await readDocument(url, {
        bytesMax: FEED_BYTES_MAX,
        idleMsMax: FEED_IDLE_MS_MAX,
        totalMsMax: FEED_TOTAL_MS_MAX,
        redirectsMax: FEED_REDIRECTS_MAX,
        allowPrivateHosts,
        signal,
        headers: {
          accept: 'application/json',
          ...(held?.etag ? { 'if-none-match': held.etag } : {}),
          ...(held?.lastModified ? { 'if-modified-since': held.lastModified } : {}),
        },
      }).catch((cause: unknown) => {
        if (signal.aborted) throw signal.reason;
        throw unavailable(feedId, shownMessage(cause), cause);
      });
      if (document.body === null) return null;
      const { etag, 'last-modified': lastModified } = document.headers;
      pending = etag || lastModified ? { etag, lastModified, at: clock.now() } : null;
      return { json: parseJson(feedId, document.body), base: document.url.href };
    },
    done() {
      held = pending;
    },
  };
}

/** A file on this machine. It is read whole at every poll: that costs less than being wrong about whether it changed. */
export function fileSource(feedId: string, file: string): FeedSource {
  return {
    async read(signal) {
      signal.throwIfAborted();
      const [bytes, real] = await Promise.all([readBounded(feedId, file), realpath(file)]).catch((cause: unknown) => {
        if (isFieldlineError(cause)) throw cause;
        throw unavailable(feedId, `${path.basename(file)} can not be read: ${errorMessage(cause)}`, cause);
      });
      return { json: parseJson(feedId, bytes), base: pathToFileURL(real).href };
    },
    done: () => undefined,
  };
}

async function readBounded(feedId: string, file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > FEED_BYTES_MAX)
      throw unavailable(
        feedId,
        `${path.basename(file)} has ${formatBytes(size)}, more than ${formatBytes(FEED_BYTES_MAX)}`,
      );
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function parseJson(feedId: string, bytes: Buffer): unknown {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  try {
    return JSON.parse(text);
  } catch (cause) {
    const seen = /^\s*</.test(text)
      ? 'a web page or XML instead of JSON'
      : `something that is not JSON: ${errorMessage(cause)}`;
    throw new FieldlineError('FEED_INVALID', `Feed ${feedId} gave ${seen}`, { cause });
  }
}

function unavailable(feedId: string, reason: string, cause?: unknown): FieldlineError {
  return new FieldlineError(
    'FEED_UNAVAILABLE',
    `Feed ${feedId} can not be read: ${reason}`,
    cause === undefined ? {} : { cause },
  );
}
