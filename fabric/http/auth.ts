/**
 * Who may use the doors of a fabric: Basic credentials on every call, or a token from `POST /auth/v2/token`, as a Data Access Gateway
 * has it (HPE documentation "Authenticating with the REST API": HS512, 30 minutes, claims sub, aud, iat, exp).
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import { type RestRouter, sendJson } from './router';

export interface Credentials {
  username: string;
  password: string;
}

/** As on a cluster; clients ask again on 401. */
export const TOKEN_LIFETIME_SECONDS = 1800;
const AUTHORIZATION_LENGTH_MAX = 4096;
const TOKEN_PATH = '/auth/v2/token';

export class DoorAuth {
  readonly #credentials: Credentials | undefined;
  readonly #clock: Clock;
  /** Of this process: a restart ends all tokens. */
  readonly #secret = randomBytes(64);

  /** Without credentials every door is open, which is for loopback only. */
  constructor(credentials: Credentials | undefined, clock: Clock = systemClock) {
    this.#credentials = credentials;
    this.#clock = clock;
  }

  /** The same router with every handler behind the check; itself when no credentials are configured. */
  protect(router: RestRouter): RestRouter {
    if (!this.#credentials) return router;
    return {
      on: (method, path, handler) =>
        router.on(method, path, (request, response) => {
          response.setHeader('www-authenticate', 'Basic realm="fabric", charset="UTF-8"');
          this.check(request.raw);
          response.removeHeader('www-authenticate');
          return handler(request, response);
        }),
    };
  }

  /** Registers the token endpoint, when credentials are configured. */
  register(router: RestRouter): void {
    const { username } = this.#credentials ?? {};
    if (username === undefined) return;
    router.on('POST', TOKEN_PATH, (request, response) => {
      if (!this.#isBasic(request.raw.headers.authorization ?? '')) {
        response.setHeader('www-authenticate', 'Basic realm="fabric", charset="UTF-8"');
        throw unauthenticated();
      }
      sendJson(response, 200, { token: this.#issue(username) });
    });
  }

  /** Fails with UNAUTHENTICATED unless the request carries the credentials or a valid token. */
  check(request: IncomingMessage): void {
    if (!this.#credentials) return;
    const header = request.headers.authorization ?? '';
    if (header.length > AUTHORIZATION_LENGTH_MAX || !(this.#isBasic(header) || this.#isBearer(header)))
      throw unauthenticated();
  }

  #isBasic(header: string): boolean {
    const { username, password } = this.#credentials!;
    const match = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header);
    return equalSecrets(match ? Buffer.from(match[1]!, 'base64').toString('utf8') : '', `${username}:${password}`);
  }

  #isBearer(header: string): boolean {
    const match = /^Bearer ([\w-]+\.([\w-]+))\.([\w-]+)$/i.exec(header);
    if (!match || !equalSecrets(match[3]!, this.#sign(match[1]!))) return false;
    const claims = JSON.parse(Buffer.from(match[2]!, 'base64url').toString('utf8')) as { exp: number };
    return claims.exp * 1000 > this.#clock.now();
  }

  #issue(username: string): string {
    const issuedAt = Math.floor(this.#clock.now() / 1000);
    const claims = { sub: username, aud: 'web', exp: issuedAt + TOKEN_LIFETIME_SECONDS, iat: issuedAt };
    const content = [{ alg: 'HS512' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    return [...content, this.#sign(content.join('.'))].join('.');
  }

  #sign(content: string): string {
    return createHmac('sha512', this.#secret).update(content).digest('base64url');
  }
}

/** Takes the same time wherever the two differ, and whatever their lengths. */
function equalSecrets(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}

function unauthenticated(): FieldlineError {
  return new FieldlineError('UNAUTHENTICATED', 'This fabric needs credentials', {
    remedy: 'Send Basic credentials, or a token of POST /auth/v2/token that has not expired',
  });
}
