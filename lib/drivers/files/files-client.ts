/** Calls of the files REST API (`/files/<path>`), and what their answers say about a file. */
import { createHash } from 'node:crypto';
import { ERROR_CODES, type ErrorCode, FieldlineError } from '@/lib/errors';
import type { HttpClient, HttpRequest, HttpResponse } from '@/lib/http';
import type { FileInfo } from '@/lib/ports/volumes';

const ERROR_BODY_BYTES_MAX = 64 * 1024;

/** A mount path and a file in it as a request path: each part encoded, the slashes kept. */
export const requestPath = (mount: string, file: string) =>
  `/files${mount}/${file}`.split('/').map(encodeURIComponent).join('/');

/** An answer that is no success, with the code that an embedded fabric names in its body, or by its status. */
export async function failure(
  client: HttpClient,
  request: HttpRequest,
  response: HttpResponse,
): Promise<FieldlineError> {
  const text = await response.text(ERROR_BODY_BYTES_MAX);
  const told = errorIn(text);
  if (told) return new FieldlineError(told.code, told.message, { details: { status: response.status } });
  const { status } = response;
  const what = `${client.where} answered ${status} to ${request.method ?? 'GET'} ${request.path}`;
  return new FieldlineError(codeOfStatus(status), what, { details: { status } });
}

function errorIn(text: string): { code: ErrorCode; message: string } | null {
  try {
    const [error] = (JSON.parse(text) as { errors?: { code?: string; message?: string }[] }).errors ?? [];
    if (error?.code === undefined || !(error.code in ERROR_CODES)) return null;
    return { code: error.code as ErrorCode, message: error.message ?? error.code };
  } catch (error) {
    // A cluster answers in HTML.
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 403) return 'VOLUME_READ_ONLY';
  if (status === 404) return 'NOT_FOUND';
  if (status === 409) return 'CONFLICT';
  if (status === 507) return 'DISK_FULL';
  if (status >= 500) return 'UNAVAILABLE';
  return status >= 400 ? 'REQUEST_INVALID' : 'PROTOCOL';
}

/** A file by the headers of its answer; `sha256` is null where the server does not tell it (a cluster). */
export function describedFile(
  path: string,
  response: HttpResponse,
): Omit<FileInfo, 'sha256'> & { sha256: string | null } {
  const range = /^bytes \d+-\d+\/(\d+)$/.exec(response.header('content-range') ?? '');
  const bytes = Number(range?.[1] ?? response.header('content-length') ?? Number.NaN);
  if (!Number.isSafeInteger(bytes)) throw new FieldlineError('PROTOCOL', `The server does not say how long ${path} is`);
  const modifiedAt = response.header('x-fieldline-modified-at');
  return {
    path,
    bytes,
    sha256: response.header('x-fieldline-sha256'),
    modifiedAt: modifiedAt === null ? Date.parse(response.header('last-modified') ?? '') || 0 : Number(modifiedAt),
  };
}

/** Reads a file to know its digest: the way left where the server does not tell it. */
export async function digestByReading(client: HttpClient, request: HttpRequest): Promise<string> {
  const response = await client.request(request);
  if (!response.ok) throw await failure(client, request, response);
  const hash = createHash('sha256');
  for await (const chunk of response.body) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
