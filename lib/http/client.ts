/** The one HTTP client of the drivers: node-fetch with keep-alive, timeouts, credentials, and errors in words. */
import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import fetch from 'node-fetch';
import { asFieldlineError, ERROR_CODES, type ErrorCode, FieldlineError, isFieldlineError } from '@/lib/errors';
import { Deadline } from './deadline';
import { connectionError, hostPort } from './errors';
import { ClientResponse } from './response';
import type { HttpAuth, HttpClientOptions, HttpRequest, HttpResponse } from './types';

/** Long enough for a large listing on a busy server; a streamed file passes null instead. */
export const TOTAL_TIMEOUT_MS = 30_000;
/** A server that says nothing for this long has hung. */
export const IDLE_TIMEOUT_MS = 15_000;
/** More than the bulk calls of one driver run at once. */
export const SOCKETS_MAX = 32;
/** Idle connections are dropped before usual servers drop them (the embedded fabric: 60 s, Jetty: 30 s), so that a request rarely meets a closing one. */
const SOCKET_IDLE_MS = 20_000;
/** How much of an error answer goes into the message. */
const ERROR_TEXT_LENGTH_MAX = 300;
const ERROR_BODY_BYTES_MAX = 256 * 1024;

export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #base: URL;
  readonly #agent: http.Agent;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#base = new URL(options.baseUrl);
    const agentOptions = { keepAlive: true, maxSockets: options.socketsMax ?? SOCKETS_MAX, timeout: SOCKET_IDLE_MS };
    this.#agent =
      options.agent ??
      (this.#base.protocol === 'https:'
        ? new https.Agent({
            ...agentOptions,
            ca: options.ca,
            ...(options.serverName && { servername: options.serverName }),
          })
        : new http.Agent(agentOptions));
  }

  /** `host:port` of the server, for messages. */
  get where(): string {
    return hostPort(this.#base);
  }

  /**
   * Sends a request and resolves with the answer's head; every status but 401 and 403 is an answer.
   * Fails with UNAVAILABLE (refused, unresolved, reset, certificate: `details.reason`), TIMEOUT, AUTH_FAILED or ABORTED.
   * A GET or HEAD whose kept-alive connection turned out closed is sent once more.
   */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const reads = request.method === undefined || request.method === 'GET' || request.method === 'HEAD';
    const repeatable = reads && request.repeatable !== false;
    try {
      return await this.#once(request);
    } catch (error) {
      if (!(repeatable && isFieldlineError(error, 'UNAVAILABLE') && error.details.reason === 'reset')) throw error;
      return this.#once(request);
    }
  }

  /** Sends a request and resolves with the answer's JSON. Fails as `request` does, and as `statusError` says on a status that is no success. */
  async json<T = unknown>(request: HttpRequest): Promise<T> {
    const response = await this.request(request);
    if (!response.ok) throw await this.statusError(response, request);
    return response.json<T>();
  }

  /**
   * An answer that is no success, as an error. A body of the embedded fabric (`{"errors":[{"code","message"}]}`) says itself which; of
   * others 404 is NOT_FOUND, 409 CONFLICT, 429 and 503 UNAVAILABLE, 504 TIMEOUT, 507 DISK_FULL, other 4xx REQUEST_INVALID, the rest
   * PROTOCOL. Reads the body.
   */
  async statusError(response: HttpResponse, request: HttpRequest): Promise<FieldlineError> {
    const body = await response.text(ERROR_BODY_BYTES_MAX);
    const { status } = response;
    const own = ownError(body);
    const text = (own?.message ?? body).replace(/\s+/g, ' ').slice(0, ERROR_TEXT_LENGTH_MAX);
    return new FieldlineError(
      own?.code ?? statusCode(status),
      `${this.where} answered ${status} to ${request.method ?? 'GET'} ${request.path}${text ? `: ${text}` : ''}`,
      { details: { status } },
    );
  }

  /** Closes idle connections and those in use. */
  close(): void {
    if (!this.#options.agent) this.#agent.destroy();
  }

  async #once(request: HttpRequest): Promise<HttpResponse> {
    const url = this.#url(request);
    const headers: Record<string, string> = { ...request.headers };
    const auth = request.auth === undefined ? this.#options.auth : request.auth;
    if (auth) headers.authorization = await authorization(auth);
    let body = request.body;
    if (request.json !== undefined) {
      body = JSON.stringify(request.json);
      headers['content-type'] ??= 'application/json';
    }
    const deadline = new Deadline({
      totalTimeoutMs: firstDefined(request.totalTimeoutMs, this.#options.totalTimeoutMs, TOTAL_TIMEOUT_MS),
      idleTimeoutMs: firstDefined(request.idleTimeoutMs, this.#options.idleTimeoutMs, IDLE_TIMEOUT_MS),
      signal: request.signal,
      where: this.where,
    });
    try {
      deadline.signal.throwIfAborted();
      deadline.wait();
      const response = await fetch(url, {
        method: request.method ?? 'GET',
        headers,
        body: body instanceof Readable ? Readable.from(sending(body, deadline), { objectMode: false }) : body,
        agent: this.#agent,
        redirect: 'manual',
        compress: false,
        signal: deadline.signal,
      });
      deadline.heard();
      const answer = new ClientResponse(response, deadline, url);
      if ((answer.status === 401 || answer.status === 403) && !request.accept?.includes(answer.status)) {
        await answer.discard();
        throw refused(answer.status, this.where);
      }
      return answer;
    } catch (error) {
      deadline.done();
      throw deadline.reason ?? connectionError(error, url);
    }
  }

  #url(request: HttpRequest): URL {
    const url = new URL(this.#base.href.replace(/\/$/, '') + request.path);
    for (const [name, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    return url;
  }
}

/** A request body under way: the idle clock runs while the server takes a chunk, not while the source makes the next one. A failing source ends the exchange with its own error. */
async function* sending(body: AsyncIterable<Buffer>, deadline: Deadline): AsyncGenerator<Buffer> {
  try {
    deadline.heard();
    for await (const chunk of body) {
      deadline.wait();
      yield chunk;
      deadline.heard();
    }
    deadline.wait();
  } catch (error) {
    deadline.end(asFieldlineError(error));
    throw error;
  }
}

async function authorization(auth: HttpAuth): Promise<string> {
  if (auth.kind === 'basic')
    return `Basic ${Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64')}`;
  return `Bearer ${typeof auth.token === 'string' ? auth.token : await auth.token()}`;
}

function refused(status: number, where: string): FieldlineError {
  return status === 401
    ? new FieldlineError('AUTH_FAILED', `${where} did not accept the credentials`, {
        remedy: 'Check the user name and password of this fabric',
        details: { status },
      })
    : new FieldlineError('AUTH_FAILED', `${where} does not allow this user to do that`, {
        remedy: 'Give the user the permission, or use another user',
        details: { status },
      });
}

/** The error in a body of the embedded fabric's doors; undefined for any other body. */
function ownError(body: string): { code: ErrorCode; message: string } | undefined {
  if (!body.startsWith('{"errors":')) return undefined;
  try {
    const [error] = (JSON.parse(body) as { errors: { code?: string; message?: string }[] }).errors;
    if (error?.code === undefined || !Object.hasOwn(ERROR_CODES, error.code)) return undefined;
    return { code: error.code as ErrorCode, message: String(error.message) };
  } catch {
    return undefined;
  }
}

function statusCode(status: number): ErrorCode {
  if (status === 404) return 'NOT_FOUND';
  if (status === 409) return 'CONFLICT';
  if (status === 429 || status === 503) return 'UNAVAILABLE';
  if (status === 504) return 'TIMEOUT';
  if (status === 507) return 'DISK_FULL';
  return status >= 400 && status < 500 ? 'REQUEST_INVALID' : 'PROTOCOL';
}

function firstDefined<T>(...values: (T | undefined)[]): T {
  return values.find((value) => value !== undefined) as T;
}
