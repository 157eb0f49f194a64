/** The answers of the admin API: HTTP 200 also for errors, which only `status` tells. */
import type { ServerResponse } from 'node:http';
import type { ErrorCode, FieldlineError } from '@/lib/errors';
import { sendJson } from '../http/router';

/** `errors[].id` is an errno; 2, 17 and 22 are what clients know, the rest follows the same scheme. */
const ERRNO: Partial<Record<ErrorCode, number>> = {
  NOT_FOUND: 2,
  MIRROR_RUNNING: 16,
  CONFLICT: 17,
  REQUEST_INVALID: 22,
  PATH_OUTSIDE_VOLUME: 22,
  CONFIG_INVALID: 22,
  DISK_FULL: 28,
  VOLUME_READ_ONLY: 30,
  UNSUPPORTED: 95,
  TIMEOUT: 110,
  UNAVAILABLE: 111,
};
const EIO = 5;

export function sendOk(
  response: ServerResponse,
  result: { data: unknown[]; total: number; messages?: string[] },
): void {
  const { data, total, messages } = result;
  sendJson(response, 200, { ...stamp(), status: 'OK', total, data, ...(messages && { messages }) });
}

/** `code` is ours: a client of ours branches on it instead of the text. */
export function sendError(response: ServerResponse, error: FieldlineError): void {
  // What is inside an unexpected error is for the log, not for a client.
  const desc = error.code === 'INTERNAL' ? 'Internal error' : error.message;
  const errors = [{ id: ERRNO[error.code] ?? EIO, desc, code: error.code }];
  sendJson(response, 200, { ...stamp(), status: 'ERROR', errors });
}

/** What current clusters answer to a GET of a command that changes something: bare HTML. */
export function sendMethodNotAllowed(response: ServerResponse, allowed: readonly string[]): void {
  sendHtml(response, 405, 'Method Not Allowed', { allow: allowed.join(', ') });
}

export function sendUnknownCommand(response: ServerResponse): void {
  sendHtml(response, 404, 'Not Found', {});
}

function sendHtml(response: ServerResponse, status: number, title: string, headers: Record<string, string>): void {
  const body = `<html><head><title>${status} ${title}</title></head><body><h1>${status} ${title}</h1></body></html>\n`;
  response.writeHead(status, { 'content-type': 'text/html', 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

function stamp(): { timestamp: number; timeofday: string } {
  const now = new Date();
  return { timestamp: now.getTime(), timeofday: timeOfDay(now) };
}

/** `2018-05-07 11:18:09.672 GMT+0000 PM`, as a real one has it; always UTC here. */
function timeOfDay(date: Date): string {
  return `${date.toISOString().replace('T', ' ').replace('Z', '')} GMT+0000 ${half(date)}`;
}

/** `1969-12-31T04:00:00.000-0800 PM`, the form of times in stream/topic/info; always UTC here. */
export function timeInRow(ms: number): string {
  const date = new Date(ms);
  return `${date.toISOString().replace('Z', '')}+0000 ${half(date)}`;
}

const half = (date: Date) => (date.getUTCHours() < 12 ? 'AM' : 'PM');
