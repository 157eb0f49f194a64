import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { FieldlineError } from '@/lib/errors';
import type { Target } from './target';

const PAGE_FILES_DEFAULT = 1000;
const PAGE_FILES_MAX = 10_000;
/** Smaller answers fit a packet anyway. */
const GZIP_BYTES_MIN = 1024;
const compress = promisify(gzip);

/**
 * `?list=json`: `{"entries":[{path, bytes, sha256, modifiedAt}], "next", "restoredAt"?}`, sorted by path, paths relative to the directory.
 * `recursive=true` descends; otherwise entries carry `type` and a directory ends in a slash. `prefix` keeps those whose
 * path begins so. `limit` files a page; `after=<next>` goes on. `restoredAt`: the site was restored from a copy then (ms since the epoch).
 */
export async function sendListing(
  { volume, relative }: Target,
  query: URLSearchParams,
  raw: IncomingMessage,
  response: ServerResponse,
  restoredAt: number | null,
): Promise<void> {
  if (relative !== '' && !(await volume.isDirectory(relative)))
    throw new FieldlineError('NOT_FOUND', `No such directory: ${relative}`);
  const base = relative === '' ? '' : `${relative}/`;
  const prefix = base + (query.get('prefix') ?? '');
  const limit = pageLimit(query.get('limit'));
  const after = query.get('after');
  const options = { prefix, after: after === null ? null : base + after, limit };
  const found = query.get('recursive') === 'true' ? await volume.list(options) : await volume.listDirectory(options);
  const entries = found.map((entry) => ({ ...entry, path: entry.path.slice(base.length) }));
  const next = entries.length === limit ? entries.at(-1)!.path : null;
  const plain = Buffer.from(JSON.stringify({ entries, next, ...(restoredAt !== null && { restoredAt }) }));
  const isCompressed = plain.length >= GZIP_BYTES_MIN && /\bgzip\b/.test(String(raw.headers['accept-encoding'] ?? ''));
  const body = isCompressed ? await compress(plain) : plain;
  if (isCompressed) response.setHeader('content-encoding', 'gzip');
  response.setHeader('vary', 'accept-encoding');
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(raw.method === 'HEAD' ? undefined : body);
}

function pageLimit(value: string | null): number {
  if (value === null) return PAGE_FILES_DEFAULT;
  const limit = Number(value);
  if (Number.isInteger(limit) && limit >= 1) return Math.min(limit, PAGE_FILES_MAX);
  throw new FieldlineError('REQUEST_INVALID', 'limit is not a positive number');
}
