/**
 * Who may use the REST doors of a fabric: Basic credentials on every call, or a token from `POST /auth/v2/token`, as a Data Access Gateway
 * has it (HPE documentation "Authenticating with the REST API": HS512, 30 minutes, claims sub, aud, iat, exp).
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import type { Attempt, FabricAccess } from '../access/access';
import type { Principal } from '../access/principal';
import { type RestRequest, type RestRouter, sendJson } from './router';

/** As on a cluster; clients ask again on 401. */
export const TOKEN_LIFETIME_SECONDS = 1800;
const AUTHORIZATION_LENGTH_MAX = 4096;
const TOKEN_PATH = '/auth/v2/token';

/** What a principal with limited grants may not do of a door's calls, in words; null: it may. */
export type Refusal = (request: RestRequest, principal: Principal) => string | null;

export class DoorAuth {
  readonly #access: FabricAccess | null;
  readonly #clock: Clock;
  /** Of this process: a restart ends all tokens. */
  readonly #secret = randomBytes(64);

  /** Without access control (null) every door is open, which is for loopback only. */
  constructor(access: FabricAccess | null, clock: Clock = systemClock) {
    this.#access = access;
    this.#clock = clock;
  }

  /**
   * The same router with every handler behind the check; itself where the doors are open. `refusal` is asked for limited principals only;
   * without it they may do nothing here.
   */
  protect(router: RestRouter, refusal: Refusal = () => 'use this door'): RestRouter {
    const access = this.#access;
    if (!access) return router;
    return {
      on: (method, path, handler) =>
        router.on(method, path, async (request, response) => {
          const principal = await this.#identify(access, request.raw, response);
          if (principal.grants === null) return handler(request, response);
          const refused = refusal(request, principal);
          if (refused !== null) {
            access.denied(principal, attemptOf(request.raw), refused);
            throw new FieldlineError('FORBIDDEN', `${principal.name} may not ${refused}`);
          }
          return whileItMay(principal, response, () => handler(request, response));
        }),
    };
  }

  /** Registers the token endpoint, where credentials are asked for. Tokens are for the site's own services. */
  register(router: RestRouter): void {
    const access = this.#access;
    if (!access) return;
    router.on('POST', TOKEN_PATH, async ({ raw }, response) => {
      const credentials = basicOf(raw);
      const principal = credentials && (await this.#signIn(access, credentials, raw, response));
      if (!principal) throw unauthenticated(response);
      if (principal.grants !== null) {
        access.denied(principal, attemptOf(raw), 'get a token');
        throw new FieldlineError('FORBIDDEN', 'Tokens are for the services of this site');
      }
      sendJson(response, 200, { token: this.#issue(principal.name) });
    });
  }

  async #identify(access: FabricAccess, raw: IncomingMessage, response: ServerResponse): Promise<Principal> {
    const credentials = basicOf(raw);
    if (credentials) return this.#signIn(access, credentials, raw, response);
    const subject = this.#subjectOf(raw.headers.authorization ?? '');
    if (subject === null) throw unauthenticated(response);
    return access.signedIn(subject, attemptOf(raw));
  }

  async #signIn(
    access: FabricAccess,
    credentials: { username: string; password: string },
    raw: IncomingMessage,
    response: ServerResponse,
  ): Promise<Principal> {
    try {
      return await access.signIn(credentials, attemptOf(raw));
    } catch (error) {
      if (isFieldlineError(error, 'AUTH_FAILED')) throw unauthenticated(response);
      throw error;
    }
  }

  /** Whose token it is; null when it is none of this process, or has expired. */
  #subjectOf(header: string): string | null {
    if (header.length > AUTHORIZATION_LENGTH_MAX) return null;
    const match = /^Bearer ([\w-]+\.([\w-]+))\.([\w-]+)$/i.exec(header);
    if (!match || !equalSecrets(match[3]!, this.#sign(match[1]!))) return null;
    const claims = JSON.parse(Buffer.from(match[2]!, 'base64url').toString('utf8')) as { exp: number; sub: string };
    return claims.exp * 1000 > this.#clock.now() ? claims.sub : null;
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

export const attemptOf = (raw: IncomingMessage): Attempt => ({ address: raw.socket.remoteAddress ?? '', door: 'rest' });

/** The credentials of a request; null when it carries none. */
function basicOf(raw: IncomingMessage): { username: string; password: string } | null {
  const header = raw.headers.authorization ?? '';
  const match = header.length > AUTHORIZATION_LENGTH_MAX ? null : /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header);
  if (!match) return null;
  const text = Buffer.from(match[1]!, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Runs a handler, and cuts its answer off when the principal's credential is taken back. */
async function whileItMay(
  principal: Principal,
  response: ServerResponse,
  run: () => Promise<void> | void,
): Promise<void> {
  const cut = () => response.destroy();
  principal.ended.addEventListener('abort', cut, { once: true });
  response.once('close', () => principal.ended.removeEventListener('abort', cut));
  await run();
}

/** Takes the same time wherever the two differ, and whatever their lengths. */
function equalSecrets(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}

function unauthenticated(response: ServerResponse): FieldlineError {
  response.setHeader('www-authenticate', 'Basic realm="fabric", charset="UTF-8"');
  return new FieldlineError('UNAUTHENTICATED', 'This fabric needs credentials', {
    remedy: 'Send Basic credentials, or a token of POST /auth/v2/token that has not expired',
  });
}
