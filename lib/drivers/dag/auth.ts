import { isFieldlineError } from '@/lib/errors';
import type { HttpClient, HttpRequest, HttpResponse } from '@/lib/http';

const TOKEN_PATH = '/auth/v2/token';

/** Sends requests with a token got by Basic credentials, and gets a new one when the server no longer takes it (401; tokens last 30 minutes by default). */
export class DagSession {
  readonly #http: HttpClient;
  readonly #credentials: { username: string; password: string } | undefined;
  #token: Promise<string> | undefined;

  constructor(http: HttpClient, credentials: { username: string; password: string } | undefined) {
    this.#http = http;
    this.#credentials = credentials;
  }

  /** As HttpClient.request. Fails with AUTH_FAILED when a fresh token is refused too, or the credentials are. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    if (!this.#credentials) return this.#http.request(request);
    const token = this.#current();
    try {
      return await this.#send(request, token);
    } catch (error) {
      if (!isFieldlineError(error, 'AUTH_FAILED') || error.details.status !== 401) throw error;
      // Several calls may meet the same expired token; the first of them renews it for all.
      if (this.#token === token) this.#token = undefined;
      return this.#send(request, this.#current());
    }
  }

  #current(): Promise<string> {
    this.#token ??= this.#fetch().catch((error: unknown) => {
      this.#token = undefined;
      throw error;
    });
    return this.#token;
  }

  async #send(request: HttpRequest, token: Promise<string>): Promise<HttpResponse> {
    return this.#http.request({ ...request, auth: { kind: 'bearer', token: await token } });
  }

  async #fetch(): Promise<string> {
    const { username, password } = this.#credentials!;
    const request: HttpRequest = { method: 'POST', path: TOKEN_PATH, auth: { kind: 'basic', username, password } };
    const { token } = await this.#http.json<{ token: string }>(request);
    return token;
  }
}
