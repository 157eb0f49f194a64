/** The REST port of a fabric: one node:http server, one router, every door registers its routes. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, Server as SecureServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import FindMyWay from 'find-my-way';
import { asFieldlineError, FieldlineError } from '@/lib/errors';
import { refusePages } from './pages';

/** JSON bodies above this are refused; a bulk write of 1000 asset rows with previews is about 6 MiB. */
export const JSON_BODY_BYTES_MAX = 32 * 1024 * 1024;
/** A client that takes longer to send its headers is cut off. */
const HEADERS_TIMEOUT_MS = 20_000;
const HANDSHAKE_TIMEOUT_MS = 30_000;

export interface RestRequest {
  raw: IncomingMessage;
  /** Decoded path parameters; a `*` route's rest is under `'*'`, percent-decoded once. */
  params: Record<string, string>;
  query: URLSearchParams;
  /** The whole body parsed as JSON. Fails with REQUEST_INVALID or REQUEST_TOO_LARGE. */
  json(): Promise<unknown>;
  /** The whole body as it came, for doors that parse it elsewhere or more exactly. Fails with REQUEST_TOO_LARGE. */
  text(): Promise<string>;
}
export type RestHandler = (request: RestRequest, response: ServerResponse) => Promise<void> | void;
export type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';

export interface RestRouter {
  on(method: Method | Method[], path: string, handler: RestHandler): void;
}

/** Each door says how it words its errors: the DAG with HTTP codes, the admin door with 200 and `status: ERROR`. */
export type ErrorResponder = (error: FieldlineError, response: ServerResponse) => void;

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length });
  response.end(text);
}

/** The default wording: `{"errors":[{"id","code","message"}]}` (the DAG documents no body; this form is ours). */
export const sendErrorBody: ErrorResponder = (error, response) => {
  sendJson(response, error.httpStatus, {
    errors: [{ id: error.httpStatus, code: error.code, message: error.message }],
  });
};

export class RestServer implements RestRouter {
  readonly #router = FindMyWay({
    caseSensitive: true,
    maxParamLength: 4096,
    defaultRoute: (_req, res) => sendErrorBody(new FieldlineError('NOT_FOUND', 'No such door'), res as ServerResponse),
  });
  readonly #server: Server;
  #held = false;
  #host = '';

  /** `tls`: absent for plain HTTP. `advertisedHost`: a name of this server besides those of what it listens on. */
  constructor(tls?: TlsOptions, advertisedHost?: string) {
    const serve = (request: IncomingMessage, response: ServerResponse) => {
      try {
        refusePages(request.headers, { host: this.#host, advertisedHost });
      } catch (error) {
        response.shouldKeepAlive = false;
        sendErrorBody(asFieldlineError(error), response);
        return;
      }
      if (this.#held) sendErrorBody(new FieldlineError('UNAVAILABLE', 'This fabric is starting'), response);
      else this.#router.lookup(request, response);
    };
    this.#server = tls
      ? createSecureServer({ handshakeTimeout: HANDSHAKE_TIMEOUT_MS, ...tls }, serve)
      : createServer(serve);
    this.#server.headersTimeout = HEADERS_TIMEOUT_MS;
    this.#server.requestTimeout = 0; // A file may take hours over a thin link.
    this.#server.keepAliveTimeout = 60_000;
  }

  on(method: Method | Method[], path: string, handler: RestHandler, onError: ErrorResponder = sendErrorBody): void {
    this.#router.on(method, path, (raw, response, params) => {
      const out = response as ServerResponse;
      const request: RestRequest = {
        raw: raw as IncomingMessage,
        params: params as Record<string, string>,
        query: new URL(raw.url ?? '/', 'http://fabric').searchParams,
        json: () => readJson(raw as IncomingMessage),
        text: () => readText(raw as IncomingMessage),
      };
      Promise.resolve()
        .then(() => handler(request, out))
        .catch((error: unknown) => {
          // What the client may still be sending is not read to its end.
          if (!request.raw.complete) out.shouldKeepAlive = false;
          if (out.headersSent) out.destroy();
          else onError(asFieldlineError(error), out);
        });
    });
  }

  /**
   * From now on every call is answered with UNAVAILABLE, until `release`: while not every door is registered, a 404 would say of a row
   * or a file that it does not exist, and callers act on that.
   */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  /** The same router with another error wording. */
  withErrors(onError: ErrorResponder): RestRouter {
    return { on: (method, path, handler) => this.on(method, path, handler, onError) };
  }

  /** Resolves with the bound port. Fails with PORT_TAKEN. */
  listen(host: string, port: number): Promise<number> {
    this.#host = host;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'EADDRINUSE'
            ? new FieldlineError('PORT_TAKEN', `The REST port ${host}:${port} is taken by another program`, {
                cause: error,
                remedy: 'Stop that program or choose another port',
              })
            : error,
        ),
      );
      this.#server.listen(port, host, () => resolve((this.#server.address() as { port: number }).port));
    });
  }

  /** New connections see this certificate, open ones go on with theirs. Nothing where the server has no TLS. */
  renewCertificate(tls: TlsOptions): void {
    if (this.#server instanceof SecureServer) this.#server.setSecureContext(tls);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= JSON_BODY_BYTES_MAX) {
        chunks.push(chunk);
        return;
      }
      // Not destroyed: the client shall still read why.
      request.pause();
      reject(new FieldlineError('REQUEST_TOO_LARGE', `The body is larger than ${JSON_BODY_BYTES_MAX} bytes`));
    });
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.once('error', reject);
    request.once('close', () =>
      reject(new FieldlineError('ABORTED', 'The client went away before its request was complete')),
    );
  });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FieldlineError('REQUEST_INVALID', 'The body is not JSON', { cause });
  }
}
