import type { Agent } from 'node:http';
import type { Readable } from 'node:stream';

/** Credentials for one server. Never logged, never part of an error. */
export type HttpAuth =
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'bearer'; token: string | (() => Promise<string>) };

export interface HttpClientOptions {
  /** Scheme, host, port and possibly a path prefix: `https://node1:8243`. */
  baseUrl: string;
  auth?: HttpAuth;
  /** PEM of the authority that signed the server's certificate; the system's authorities when absent. Verification is never switched off. */
  ca?: string | Buffer;
  /** The name in the server's certificate, where that is not the host of `baseUrl`. */
  serverName?: string;
  /** From the call to the last byte of the answer, in ms; null: no limit. Default TOTAL_TIMEOUT_MS. */
  totalTimeoutMs?: number | null;
  /** Longest silence while waiting for the server, in ms; null: no limit. Default IDLE_TIMEOUT_MS. */
  idleTimeoutMs?: number | null;
  /** Connections at once. Default SOCKETS_MAX. */
  socketsMax?: number;
  /** Instead of the client's own keep-alive agent, e.g. one that goes through a dialer. `close` leaves it alone. */
  agent?: Agent;
}

export interface HttpRequest {
  method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Appended to the base URL; must be encoded already (a `%2F` stays what it is). */
  path: string;
  /** Encoded here; undefined values are left out. */
  query?: Record<string, string | number | boolean | undefined>;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  body?: Readable | Buffer | string;
  signal?: AbortSignal;
  totalTimeoutMs?: number | null;
  idleTimeoutMs?: number | null;
  /** In place of the client's; null: none. */
  auth?: HttpAuth | null;
  /** False: a GET that must not be sent a second time when its connection breaks, because it has an effect. */
  repeatable?: boolean;
  /** Statuses of 401 and 403 that are an answer here and no failed sign-in (403: a read-only volume). */
  accept?: readonly number[];
}

export interface HttpResponse {
  readonly status: number;
  /** 200 to 299. */
  readonly ok: boolean;
  /** A header's value; null when absent. */
  header(name: string): string | null;
  /** The body as it comes. Consume or `discard` it, otherwise its connection is not used again. */
  readonly body: Readable;
  /** The whole body as text. Fails with PROTOCOL above `bytesMax` (default TEXT_BYTES_MAX). */
  text(bytesMax?: number): Promise<string>;
  /** The whole body as JSON. Fails with PROTOCOL when it is none. */
  json<T = unknown>(bytesMax?: number): Promise<T>;
  /** Reads a small rest to keep the connection, drops the connection of a large one. */
  discard(): Promise<void>;
}
