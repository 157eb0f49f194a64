/** The calls of the DAG REST API that the driver needs (HPE documentation "Using the Database JSON REST API"), one function each. */
import { HttpClient, type HttpRequest, type HttpResponse } from '@/lib/http';
import { DagSession } from './auth';
import type { DagExtension, DagTablesOptions } from './options';

/** Kept below what servers take as a request line (Vert.x 4 KiB, Jetty 8 KiB), with room for the host and the path. */
export const QUERY_LENGTH_MAX = 3000;

export class DagClient {
  readonly #http: HttpClient;
  readonly #session: DagSession;
  readonly #options: DagTablesOptions;
  #extensions: Promise<ReadonlySet<DagExtension>> | undefined;

  constructor(options: DagTablesOptions) {
    this.#options = options;
    this.#http = new HttpClient({
      baseUrl: options.baseUrl,
      ca: options.ca,
      serverName: options.serverName,
      agent: options.agent,
    });
    this.#session = new DagSession(this.#http, options.auth);
  }

  close(): void {
    this.#http.close();
  }

  /** The address of a table: its path is one segment, each `/` as `%2F`. */
  table(name: string): string {
    return `/api/v2/table/${encodeURIComponent(`/${this.#options.mission}/${name}`)}`;
  }

  document(table: string, id: string): string {
    return `${this.table(table)}/document/${encodeURIComponent(id)}`;
  }

  async has(extension: DagExtension): Promise<boolean> {
    this.#extensions ??= this.#detect().catch((error: unknown) => {
      this.#extensions = undefined;
      throw error;
    });
    return (await this.#extensions).has(extension);
  }

  /** The answer, whatever its status but 401 and 403; read it or discard it. */
  send(request: HttpRequest): Promise<HttpResponse> {
    return this.#session.request(request);
  }

  /** The answer's JSON; fails on a status that is no success. */
  async json<T>(request: HttpRequest): Promise<T> {
    const response = await this.send(request);
    if (!response.ok) throw await this.#http.statusError(response, request);
    return response.json<T>();
  }

  /** The status, with the body read; statuses other than 2xx and `expected` fail. */
  async status(request: HttpRequest, expected: readonly number[] = []): Promise<number> {
    const response = await this.send(request);
    if (!response.ok && !expected.includes(response.status)) throw await this.#http.statusError(response, request);
    await response.discard();
    return response.status;
  }

  async #detect(): Promise<ReadonlySet<DagExtension>> {
    const { extensions = 'detect' } = this.#options;
    if (extensions !== 'detect') return new Set(extensions);
    // A cluster's DAG has no such path, or not for this user; a server in trouble has said nothing about it yet.
    const request: HttpRequest = { path: '/rest/dashboard/info', accept: [401, 403] };
    const response = await this.send(request);
    if (response.status >= 500) throw await this.#http.statusError(response, request);
    if (!response.ok) {
      await response.discard();
      return new Set();
    }
    const text = await response.text();
    try {
      const info = JSON.parse(text) as { data?: { extensions?: DagExtension[] }[] };
      return new Set(info.data?.[0]?.extensions ?? []);
    } catch {
      return new Set();
    }
  }
}
