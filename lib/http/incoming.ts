/**
 * What Next does not do with requests that come in, done before it sees them, for every HTTP server of this process. Node publishes each
 * request on a diagnostics channel before the server's own listener gets it ("http.server.request.start", Node's documentation).
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * A route that knows how long its body is says so here: Next 16.4 takes Content-Length off every answer of a route
 * (server/send-response.js), and a browser then shows no progress of a download.
 */
export const BODY_LENGTH_HEADER = 'x-fieldline-body-length';

let attending = false;

/** Once a process. */
export function attendRequests(): void {
  if (attending) return;
  attending = true;
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (request.url !== undefined) request.url = readableTarget(request.url);
    announceLength(response);
  });
}

/**
 * The request target with every path segment readable: one whose percent-encoding means nothing (`%zz`, half a character) becomes the
 * encoding of its own text. It names nothing, and is then not found like any other; Next answers 500 to it.
 */
export function readableTarget(target: string): string {
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  if (isReadable(path)) return target;
  const segments = path.split('/').map((segment) => (isReadable(segment) ? segment : encodeURIComponent(segment)));
  return segments.join('/') + target.slice(path.length);
}

function isReadable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function announceLength(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...parameters: unknown[]) => ServerResponse;
  response.writeHead = (...parameters: unknown[]) => {
    const length = response.getHeader(BODY_LENGTH_HEADER);
    if (length !== undefined) {
      response.removeHeader(BODY_LENGTH_HEADER);
      // A body that is being compressed has another length.
      if (!response.hasHeader('content-encoding')) response.setHeader('content-length', length);
    }
    return writeHead(...parameters);
  };
}
