/** Sign-in through a provider of OpenID Connect: authorisation code with PKCE, state, nonce and issuer check (openid-client does the checks). */
import { Agent } from 'node:https';
import fetch from 'node-fetch';
import type * as OpenId from 'openid-client';
import type { AccessConfig } from '@/lib/config';
import type { Role } from '@/lib/domain/access';
import { FieldlineError } from '@/lib/errors';
import { newSecret } from './secrets';
import { roleOfGroups } from './trusted-proxy';

type OidcConfig = NonNullable<AccessConfig['oidc']>;

export const OIDC_CALLBACK_PATH = '/api/sign-in/oidc/callback';

/** From the button to the way back. */
export const LOGIN_MS_MAX = 10 * 60 * 1000;
/** Sign-ins under way; the oldest is forgotten above this. */
const LOGINS_MAX = 1000;
const PROVIDER_TIMEOUT_SECONDS = 10;

/** Why a way back did not end in a session; the sign-in page has a sentence for each. */
export type OidcRefusal = 'state' | 'provider' | 'role';

export interface OidcUser {
  subject: string;
  name: string;
  role: Role;
  site: string | null;
}

interface Login {
  state: string;
  nonce: string;
  verifier: string;
  returnTo: string;
  startedAt: number;
}

export class Oidc {
  /** By the secret in the browser's cookie. Each serves once. */
  readonly #logins = new Map<string, Login>();
  #provider: Promise<{ client: typeof OpenId; configuration: OpenId.Configuration }> | null = null;

  constructor(
    readonly config: OidcConfig,
    readonly publicUrl: string,
    readonly now: () => number,
    /** Reads a file that the configuration names. */
    readonly read: (file: string) => string,
  ) {}

  /** Where the browser goes, and the secret by which it is known when it comes back. Fails with UNAVAILABLE. */
  async begin(returnTo: string): Promise<{ url: string; secret: string }> {
    const { client, configuration } = await this.#discovered();
    const login = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      returnTo,
      startedAt: this.now(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: `${this.publicUrl}${OIDC_CALLBACK_PATH}`,
      scope: this.config.scopes.join(' '),
      state: login.state,
      nonce: login.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(login.verifier),
      code_challenge_method: 'S256',
    });
    const secret = newSecret();
    this.#remember(secret, login);
    return { url: url.href, secret };
  }

  /**
   * Who came back. `secret` is the cookie's, `search` the query of the address. Fails with UNAUTHENTICATED; `details.refusal` says why.
   * The secret is used up whatever comes of it.
   */
  async finish(secret: string, search: string): Promise<{ user: OidcUser; returnTo: string }> {
    const login = this.#logins.get(secret);
    this.#logins.delete(secret);
    if (!login || this.now() - login.startedAt > LOGIN_MS_MAX)
      throw refused('state', 'This sign-in was not begun here, took too long, or was used already');
    const claims = await this.#claims(login, search);
    const groups = groupsOf(claims[this.config.rolesClaim]);
    const given = roleOfGroups(groups, this.config.roles);
    const name = nameOf(claims);
    if (!given) throw refused('role', `${name} is in no group that has a role here`);
    return { user: { subject: String(claims.sub), name, ...given }, returnTo: login.returnTo };
  }

  async #claims(login: Login, search: string): Promise<Record<string, unknown>> {
    try {
      const { client, configuration } = await this.#discovered();
      const tokens = await client.authorizationCodeGrant(
        configuration,
        new URL(`${this.publicUrl}${OIDC_CALLBACK_PATH}${search}`),
        {
          expectedState: login.state,
          expectedNonce: login.nonce,
          pkceCodeVerifier: login.verifier,
          idTokenExpected: true,
        },
      );
      const claims = tokens.claims()!;
      if (claims[this.config.rolesClaim] !== undefined || !configuration.serverMetadata().userinfo_endpoint)
        return claims;
      // Many providers tell groups there only.
      return { ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims };
    } catch (cause) {
      throw refused('provider', `The provider's answer was not accepted: ${reasonOf(cause)}`, cause);
    }
  }

  #remember(secret: string, login: Login): void {
    for (const [key, { startedAt }] of this.#logins) {
      if (this.#logins.size < LOGINS_MAX && this.now() - startedAt <= LOGIN_MS_MAX) break;
      this.#logins.delete(key);
    }
    this.#logins.set(secret, login);
  }

  /** The provider's metadata, fetched at the first sign-in; a failure is not remembered. */
  #discovered() {
    this.#provider ??= discover(this.config, this.read).catch((cause: unknown) => {
      this.#provider = null;
      throw new FieldlineError('UNAVAILABLE', `The sign-in provider can not be used: ${reasonOf(cause)}`, {
        cause,
        remedy: 'Check access.oidc.issuer and the way to it',
      });
    });
    return this.#provider;
  }
}

async function discover({ issuer, clientId, clientSecretFile, caFile }: OidcConfig, read: (file: string) => string) {
  // Loaded at the first sign-in: most processes never need it.
  const client = await import('openid-client');
  const authentication = clientSecretFile ? client.ClientSecretBasic(read(clientSecretFile)) : client.None();
  const configuration = await client.discovery(new URL(issuer), clientId, undefined, authentication, {
    timeout: PROVIDER_TIMEOUT_SECONDS,
    // The configuration allows http for loopback only.
    ...(issuer.startsWith('http:') ? { execute: [client.allowInsecureRequests] } : {}),
    ...(caFile ? { [client.customFetch]: fetchTrusting(read(caFile)) } : {}),
  });
  return { client, configuration };
}

/** The platform's fetch takes no authority of one's own; node-fetch does. */
function fetchTrusting(ca: string): OpenId.CustomFetch {
  const agent = new Agent({ ca, keepAlive: false });
  return async (url, { method, headers, body, signal }) => {
    const answer = await fetch(url, {
      method,
      headers,
      body: body === null || body === undefined ? undefined : String(body),
      signal: signal as AbortSignal,
      redirect: 'manual',
      size: 1024 * 1024,
      agent,
    });
    const empty = answer.status === 204 || answer.status === 304;
    return new Response(empty ? null : await answer.text(), {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
    });
  };
}

const groupsOf = (claim: unknown): string[] =>
  (Array.isArray(claim) ? claim : typeof claim === 'string' ? [claim] : []).filter(
    (group) => typeof group === 'string',
  );

function nameOf(claims: Record<string, unknown>): string {
  const names = [claims.preferred_username, claims.email, claims.name, claims.sub];
  return String(names.find((name) => typeof name === 'string' && name !== '')).slice(0, 200);
}

function reasonOf(error: unknown): string {
  const { message, cause, error: code } = error as { message?: string; cause?: { message?: string }; error?: string };
  return [code, message, cause?.message].filter((part) => typeof part === 'string' && part !== '').join(': ');
}

function refused(refusal: OidcRefusal, message: string, cause?: unknown): FieldlineError {
  return new FieldlineError('UNAUTHENTICATED', message, { cause, details: { refusal } });
}
