/**
 * The files door: `/files/<absolute path>`, as an HPE Data Fabric apiserver has it (PUT and GET of raw bytes, POST of a directory), and
 * extensions of ours, announced in dashboard/info: ranges and digests, DELETE, JSON listings, copies on the server.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import type { FileInfo } from '@/lib/ports/volumes';
import { type RestRouter, sendJson } from '../http/router';
import { selectRange } from './byte-range';
import { sendListing } from './listing';
import { mediaTypeOf } from './media-type';
import { checkAbsolutePath } from './paths';
import type { VolumeStore } from './store';
import type { Target } from './target';

/** What this door does beyond the documented API. */
export const FILES_EXTENSIONS = ['files.range', 'files.digest', 'files.delete', 'files.list', 'files.copy'] as const;
const PREFIX = '/files';
/** A transfer that moves no byte for this long is over: the other side is gone. */
const TRANSFER_IDLE_MS = 5 * 60_000;

/** Registers the door. Errors are HTTP statuses: 400, 403 (read-only), 404, 409, 416, 422 (digest), 507 (disk full). */
export function registerFilesDoor(router: RestRouter, volumes: VolumeStore, restoredAt: number | null = null): void {
  const at = (raw: IncomingMessage) => locate(volumes, decodePath(raw.url ?? ''));

  router.on(['GET', 'HEAD'], `${PREFIX}/*`, async ({ raw, query }, response) => {
    const target = at(raw);
    if (query.get('list') === 'json') await sendListing(target, query, raw, response, restoredAt);
    else await sendFile(target, raw, response);
  });

  router.on('PUT', `${PREFIX}/*`, async ({ raw, query }, response) => {
    const target = fileTarget(at(raw));
    const copyFrom = query.get('copyFrom');
    const stored = copyFrom === null ? await upload(target, raw) : await copy(volumes, copyFrom, target);
    response.setHeader('etag', etagOf(stored));
    response.setHeader('x-fieldline-sha256', stored.sha256);
    const { created, ...info } = stored;
    sendJson(response, created ? 201 : 200, info);
  });

  router.on('POST', `${PREFIX}/*`, async ({ raw }, response) => {
    const { volume, relative, isDirectory } = at(raw);
    if (!isDirectory) throw new FieldlineError('REQUEST_INVALID', 'POST makes a directory: its path must end in "/"');
    await volume.makeDirectory(relative);
    sendJson(response, 201, { path: `${relative}/` });
  });

  router.on('DELETE', `${PREFIX}/*`, async ({ raw }, response) => {
    const { volume, relative, isDirectory } = at(raw);
    if (relative === '') throw new FieldlineError('REQUEST_INVALID', 'A volume is removed by volume/remove');
    const removed = isDirectory ? await volume.removeDirectory(relative) : await volume.remove(relative);
    if (!removed) throw notFound(relative);
    response.writeHead(204).end();
  });
}

/** The path of a request, percent-decoded once. Fails with REQUEST_INVALID. */
function decodePath(url: string): string {
  const [path = ''] = url.split('?', 1);
  try {
    return decodeURIComponent(path.slice(path.indexOf(PREFIX) + PREFIX.length));
  } catch (cause) {
    throw new FieldlineError('REQUEST_INVALID', 'The path is not percent-encoded UTF-8', { cause });
  }
}

/** The name of the volume that a request's path is in; null: in none, or no path at all. */
export function volumeAt(volumes: VolumeStore, url: string): string | null {
  try {
    return locate(volumes, decodePath(url)).volume.record.name;
  } catch (error) {
    if (isFieldlineError(error)) return null;
    throw error;
  }
}

function locate(volumes: VolumeStore, path: string): Target {
  const absolute = checkAbsolutePath(path);
  const found = volumes.locate(absolute);
  if (!found) throw notFound(absolute);
  return { ...found, isDirectory: path.endsWith('/') };
}

function fileTarget(target: Target): Target {
  if (!target.isDirectory && target.relative !== '') return target;
  throw new FieldlineError('REQUEST_INVALID', 'The path names a directory, not a file');
}

async function upload({ volume, relative }: Target, raw: IncomingMessage) {
  raw.setTimeout(TRANSFER_IDLE_MS, () => raw.destroy());
  const digest = raw.headers['x-content-sha256'];
  if (digest !== undefined && !/^[0-9a-f]{64}$/i.test(String(digest)))
    throw new FieldlineError('REQUEST_INVALID', 'x-content-sha256 is not a SHA-256 in hex');
  return volume.put(relative, raw, { sha256: digest === undefined ? undefined : String(digest).toLowerCase() });
}

async function copy(volumes: VolumeStore, copyFrom: string, to: Target) {
  const from = fileTarget(locate(volumes, copyFrom));
  const copied = await to.volume.copy(from.volume, from.relative, to.relative);
  if (!copied) throw notFound(copyFrom);
  return copied;
}

async function sendFile(target: Target, raw: IncomingMessage, response: ServerResponse): Promise<void> {
  const { volume, relative } = fileTarget(target);
  const opened = await volume.open(relative);
  if (!opened) throw notFound(relative);
  const { info } = opened;
  describe(info, response);
  const { headers } = raw;
  if (matches(headers['if-none-match'], info)) {
    await opened.close();
    response.writeHead(304).end();
    return;
  }
  // If-Range: a range only of the version that the client already has a part of.
  const isSameVersion = headers['if-range'] === undefined || headers['if-range'] === etagOf(info);
  const selection = selectRange(isSameVersion ? headers.range : undefined, info.bytes);
  if (selection.kind === 'unsatisfiable') {
    await opened.close();
    response.writeHead(416, { 'content-range': `bytes */${info.bytes}`, 'content-length': 0 }).end();
    return;
  }
  const { start, end } = selection.kind === 'range' ? selection : { start: 0, end: info.bytes - 1 };
  if (selection.kind === 'range') response.setHeader('content-range', `bytes ${start}-${end}/${info.bytes}`);
  response.writeHead(selection.kind === 'range' ? 206 : 200, { 'content-length': end - start + 1 });
  if (raw.method === 'HEAD') {
    await opened.close();
    response.end();
    return;
  }
  response.setTimeout(TRANSFER_IDLE_MS, () => response.destroy());
  await pipeline(opened.stream(start, end), response);
}

function describe(info: FileInfo, response: ServerResponse): void {
  response.setHeader('content-type', mediaTypeOf(info.path));
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('etag', etagOf(info));
  response.setHeader('last-modified', new Date(info.modifiedAt).toUTCString());
  response.setHeader('x-fieldline-modified-at', info.modifiedAt);
  response.setHeader('x-fieldline-sha256', info.sha256);
  // RFC 9530: of the whole file, also in the answer to a range.
  response.setHeader('repr-digest', `sha-256=:${Buffer.from(info.sha256, 'hex').toString('base64')}:`);
}

const etagOf = (info: FileInfo) => `"${info.sha256}"`;

function matches(header: string | undefined, info: FileInfo): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etagOf(info));
}

const notFound = (path: string) => new FieldlineError('NOT_FOUND', `No such file: ${path}`);
