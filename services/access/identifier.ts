import type { AuditEntry } from '@/lib/api/access-schemas';
import type { AccessConfig } from '@/lib/config';
import { grantsOfRole, grantsOfScopes, NO_GRANTS } from '@/lib/domain/access';
import { FieldlineError } from '@/lib/errors';
import type { Identity, Knock, Origin } from './contract';
import type { CookieJar } from './cookies';
import { isInternal } from './internal';

import { digestOf, isSecretOf } from './secrets';
import type { Session, Sessions } from './sessions';
import { TOKEN_PREFIX, type Token, type Tokens } from './tokens';
import { proxyUser, roleOfGroups } from './trusted-proxy';
import type { Users } from './users';

export interface IdentifierOptions {
  config: AccessConfig;
  cookies: CookieJar;
  users: Users;
  tokens: Tokens;
  sessions: Sessions;
  /** Of this start's probes; null where no launcher has made one. */
  probeKey: string | null;
  note: (entry: Omit<AuditEntry, 'at'>) => Promise<void>;
}

/** What a caller shows, as who they are: a machine's token (or the key of this installation's probes), a trusted proxy's headers, a session's cookie; in this order. */
export class Identifier {
  readonly #probeDigest: string | null;

  constructor(readonly options: IdentifierOptions) {
    this.#probeDigest = options.probeKey && digestOf(options.probeKey);
  }

  async identify({ headers }: Knock, origin: Origin): Promise<Identity | null> {
    const bearer = bearerOf(headers);
    // A proxy may hand its provider's token on in the same header.
    if (bearer !== null && (!origin.trusted || bearer.startsWith(TOKEN_PREFIX))) return this.#ofToken(bearer, origin);
    const { trustedProxy } = this.options.config;
    const user = trustedProxy && proxyUser(headers, trustedProxy);
    if (user && !origin.trusted)
      throw await this.#refuse(origin, 'proxy header', user.name, 'Headers of a proxy from an address that is none');
    if (user) {
      const given = roleOfGroups(user.groups, trustedProxy.roles);
      if (!given)
        throw new FieldlineError('FORBIDDEN', `${user.name} is in no group that has a role here`, {
          remedy: 'An administrator gives groups their roles in access.trustedProxy.roles',
        });
      const { role, site } = given;
      const grants = grantsOfRole(role, site);
      return { id: `proxy:${user.name}`, name: user.name, via: 'proxy', role, site, grants, sessionId: null };
    }
    const cookie = this.options.cookies.read('fieldline-session', headers);
    return cookie === null ? null : this.#ofCookie(cookie, origin);
  }

  isStillIn(identity: Identity): boolean {
    const { tokens, sessions } = this.options;
    if (identity.via === 'token') return tokens.byId(identity.id.slice('token:'.length)) !== undefined;
    if (identity.sessionId === null) return true;
    const session = sessions.byId(identity.sessionId);
    if (!session || !this.#ofSession(session)) return false;
    // An open page is use.
    sessions.touch(session);
    return true;
  }

  async #ofToken(bearer: string, origin: Origin): Promise<Identity> {
    if (isInternal(bearer)) return INTERNAL;
    if (this.#probeDigest && isSecretOf(bearer, this.#probeDigest)) return PROBE;
    const token = this.options.tokens.verify(bearer);
    if (!token) throw await this.#refuse(origin, 'token', '', 'The token is unknown, revoked or over');
    return identityOfToken(token);
  }

  async #ofCookie(cookie: string, origin: Origin): Promise<Identity> {
    const session = this.options.sessions.find(cookie);
    const identity = session && this.#ofSession(session);
    if (!identity) throw await this.#refuse(origin, 'session', session?.name ?? '', 'The session is unknown or over');
    return identity;
  }

  /** A local user's role is the one of now, not of the sign-in. */
  #ofSession(session: Session): Identity | null {
    const base = { id: session.owner, name: session.name, via: session.via, sessionId: session.id };
    if (session.via === 'oidc')
      return session.role
        ? { ...base, role: session.role, site: session.site, grants: grantsOfRole(session.role, session.site) }
        : null;
    const user = this.options.users.byId(session.owner.slice('user:'.length));
    if (!user || user.disabled) return null;
    return { ...base, name: user.name, role: user.role, site: user.site, grants: grantsOfRole(user.role, user.site) };
  }

  async #refuse({ address }: Origin, kind: string, name: string, detail: string): Promise<FieldlineError> {
    await this.options.note({
      who: { id: '', name, via: kind },
      from: address,
      what: 'credential',
      target: {},
      result: 'refused',
      code: 'UNAUTHENTICATED',
      detail,
    });
    return new FieldlineError('UNAUTHENTICATED', detail, { remedy: 'Sign in', details: { credential: kind } });
  }
}

/** This process, fetching from itself. */
const INTERNAL: Identity = {
  id: 'internal',
  name: 'Fieldline',
  via: 'internal',
  role: null,
  site: null,
  grants: { ...NO_GRANTS, read: true },
  sessionId: null,
};

/** Who runs as the same user as this installation: it learns why it is not ready, and may do nothing. */
const PROBE: Identity = {
  id: 'probe',
  name: 'the probe of this installation',
  via: 'probe',
  role: null,
  site: null,
  grants: NO_GRANTS,
  sessionId: null,
};

const identityOfToken = ({ id, name, scopes }: Token): Identity => ({
  id: `token:${id}`,
  name,
  via: 'token',
  role: null,
  site: null,
  grants: grantsOfScopes(scopes),
  sessionId: null,
});

/** What stands behind `Bearer`; another scheme is a credential that is never right. Null without the header. */
function bearerOf(headers: Headers): string | null {
  const value = headers.get('authorization');
  if (value === null) return null;
  return /^Bearer +(\S+)$/i.exec(value)?.[1] ?? '';
}
