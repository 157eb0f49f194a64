/** Reads a whole small document (a feed, a manifest) under the same guards as a download. */
import type { IncomingHttpHeaders } from 'node:http';
import { decodeBody } from './decode';
import { badStatus, timedOut } from './failures';
import { type GuardedGetOptions, guardedGet } from './guarded-get';
import { measured } from './measured';

export interface ReadDocumentOptions extends GuardedGetOptions {
  readonly bytesMax: number;
  /** For everything, redirects included. */
  readonly totalMsMax: number;
}

export interface ReadDocument {
  /** After redirects. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** Null: not modified (304), as the caller's conditional headers asked. */
  readonly body: Buffer | null;
}

/** Fails with the codes of a download (ASSET_*), or the signal's reason. */
export async function readDocument(link: string, options: ReadDocumentOptions): Promise<ReadDocument> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(timedOut(hostOf(link), options.totalMsMax, 0)), options.totalMsMax);
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  try {
    const headers = { 'accept-encoding': 'gzip, br', ...options.headers };
    const response = await guardedGet(link, { ...options, headers, signal });
    if (response.status !== 200) response.body.destroy();
    if (response.status === 304) return { url: response.url, headers: response.headers, body: null };
    if (response.status !== 200) throw badStatus(response.url, response.status);
    const body = decodeBody(response.body, response.headers['content-encoding']);
    const chunks: Buffer[] = [];
    for await (const chunk of measured(body, { ...options, host: response.url.host, signal })) chunks.push(chunk);
    return { url: response.url, headers: response.headers, body: Buffer.concat(chunks) };
  } finally {
    clearTimeout(timer);
  }
}

const hostOf = (link: string) => (URL.canParse(link) ? new URL(link).host : 'The server');
