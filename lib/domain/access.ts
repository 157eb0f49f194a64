/** Who may do what. Pure: the endpoints decide by it, and the pages say by it why a control can not be used. */

/** What a person is allowed, from the least on; `field` goes with one site. */
export const ROLES = ['viewer', 'field', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What an API token is good for, besides `field:<site>`. */
export const TOKEN_SCOPES = ['read', 'operate', 'admin', 'metrics'] as const;
/** A scope as it is written: one of TOKEN_SCOPES, or `field:` with the id of an edge. */
export type TokenScope = (typeof TOKEN_SCOPES)[number] | `field:${string}`;

/**
 * What an operation or a page needs.
 *
 * - `public`: nothing. Sign-in and liveness only
 * - `signed-in`: any identity, for what concerns nobody but itself
 * - `viewer`: to look
 * - `field`: to work at the site that the call names
 * - `operator`: services, links, retries, dead letters
 * - `admin`: connections, users, tokens, the audit log
 * - `metrics`: figures for machines
 */
export type AccessNeed = 'public' | 'signed-in' | 'viewer' | 'field' | 'operator' | 'admin' | 'metrics';

/** What somebody may do, whatever it was derived from. */
export interface Grants {
  read: boolean;
  metrics: boolean;
  /** Where assets may be requested and mirrored, and the link be paused. */
  sites: 'every' | readonly string[];
  operate: boolean;
  admin: boolean;
}

export const NO_GRANTS: Grants = { read: false, metrics: false, sites: [], operate: false, admin: false };
export const ALL_GRANTS: Grants = { read: true, metrics: true, sites: 'every', operate: true, admin: true };

/** The grants of a person. A field role without a site may look, no more. */
export function grantsOfRole(role: Role, site?: string | null): Grants {
  const look = { ...NO_GRANTS, read: true, metrics: true };
  if (role === 'admin') return ALL_GRANTS;
  if (role === 'operator') return { ...look, sites: 'every', operate: true };
  if (role === 'field') return { ...look, sites: site ? [site] : [] };
  return look;
}

/** The grants of a machine: those of all its scopes together. Nothing but `metrics` and `admin` lets it read `/metrics`. */
export function grantsOfScopes(scopes: readonly string[]): Grants {
  if (scopes.includes('admin')) return ALL_GRANTS;
  const operate = scopes.includes('operate');
  const sites = scopes.filter((scope) => scope.startsWith('field:')).map((scope) => scope.slice('field:'.length));
  return {
    read: operate || sites.length > 0 || scopes.includes('read'),
    metrics: scopes.includes('metrics'),
    sites: operate ? 'every' : sites,
    operate,
    admin: false,
  };
}

/** Why `grants` do not suffice for `need`, as a sentence for a person; null when they do. `site`: the one that is worked at. */
export function refusal(grants: Grants, need: AccessNeed, site?: string): string | null {
  switch (need) {
    case 'public':
    case 'signed-in':
      return null;
    case 'viewer':
      return grants.read ? null : 'Reading this is not allowed to you';
    case 'metrics':
      return grants.metrics ? null : 'Reading metrics is not allowed to you';
    case 'field':
      if (grants.sites === 'every' || (site !== undefined && grants.sites.includes(site))) return null;
      return grants.sites.length > 0 ? `You work at ${grants.sites.join(', ')} only` : 'Your role may look, not change';
    case 'operator':
      return grants.operate ? null : 'It takes an operator to do this';
    case 'admin':
      return grants.admin ? null : 'It takes an administrator to do this';
  }
}

/** On every call of a signed-in browser that changes something; any value. */
export const CSRF_HEADER = 'x-fieldline-csrf';
