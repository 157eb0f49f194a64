/** What access control is to the web API and the pages. Types only. */
import type { Grants, Role } from '@/lib/domain/access';

/** How somebody showed who they are. `none`: access control is off, whoever reaches the app is meant. */
export type Via = 'none' | 'password' | 'oidc' | 'proxy' | 'token' | 'internal' | 'probe';

/** Who calls. */
export interface Identity {
  /** `user:<id>`, `oidc:<subject>`, `proxy:<name>`, `token:<id>`, `local`. */
  id: string;
  /** As people know it. */
  name: string;
  via: Via;
  /** Null for a machine. */
  role: Role | null;
  /** Of a field role. */
  site: string | null;
  grants: Grants;
  /** The public id of the session, where there is one. */
  sessionId: string | null;
}

/** Where a call comes from. */
export interface Origin {
  /** The peer's address; behind a trusted proxy, the one that the proxy tells. `unknown` when there is none. */
  address: string;
  /** The peer is a configured proxy. */
  trusted: boolean;
}

/** The parts of a request by which its caller is known; pages have no more than these. */
export interface Knock {
  method: string;
  headers: Headers;
}
