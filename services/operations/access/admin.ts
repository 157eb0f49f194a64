/** Users, sessions and tokens, as administrators see and change them. */
import type {
  SessionInfo,
  TokenCreate,
  TokenCreated,
  TokenInfo,
  UserCreate,
  UserInfo,
  UserUpdate,
} from '@/lib/api/access-schemas';
import { FieldlineError } from '@/lib/errors';
import type { Access } from '../../access/access';
import type { Identity } from '../../access/contract';
import { sessionView, tokenView, userView } from './views';

const DAY_MS = 24 * 60 * 60 * 1000;

export const listUsers = (access: Access): UserInfo[] => access.parts.users.list().map(userView);

export async function createUser(access: Access, wish: UserCreate): Promise<UserInfo> {
  return userView(await access.parts.users.add(wish));
}

/** What was allowed to a session under the old role, site or password ends with it. */
export async function updateUser(access: Access, id: string, change: UserUpdate): Promise<UserInfo> {
  const user = await access.parts.users.change(id, change);
  await endSessionsOf(access, id);
  return userView(user);
}

/** Resolves with the name of who is gone. */
export async function deleteUser(access: Access, id: string): Promise<string> {
  const user = await access.parts.users.remove(id);
  await endSessionsOf(access, id);
  return user.name;
}

const endSessionsOf = (access: Access, userId: string) =>
  access.parts.sessions.end((session) => session.owner === `user:${userId}`);

/** All, for an administrator; one's own, for others. Last used first. */
export function listSessions(access: Access, caller: Identity): SessionInfo[] {
  return access.parts.sessions
    .list()
    .filter((session) => caller.grants.admin || session.owner === caller.id)
    .toSorted((a, b) => b.seenAt - a.seenAt)
    .map((session) => sessionView(session, caller.sessionId));
}

/** Resolves with the name of whose it was. Fails with NOT_FOUND, also for another's session that is none of the caller's business. */
export async function endSession(access: Access, caller: Identity, id: string): Promise<string> {
  const { sessions } = access.parts;
  const session = sessions.byId(id);
  if (!session || !(caller.grants.admin || session.owner === caller.id))
    throw new FieldlineError('NOT_FOUND', 'There is no such session');
  await sessions.end((other) => other.id === id);
  return session.name;
}

export const listTokens = (access: Access): TokenInfo[] =>
  access.parts.tokens.list().map((token) => tokenView(token, access.now()));

/** The answer tells the token; nothing else ever does. */
export async function createToken(access: Access, caller: Identity, wish: TokenCreate): Promise<TokenCreated> {
  const { name, scopes, expiresInDays } = wish;
  const expiresAt = expiresInDays === null ? null : access.now() + expiresInDays * DAY_MS;
  const { token, secret } = await access.parts.tokens.add({ name, scopes, expiresAt, createdBy: caller.name });
  return { ...tokenView(token, access.now()), token: secret };
}

export async function revokeToken(access: Access, id: string): Promise<TokenInfo> {
  return tokenView(await access.parts.tokens.revoke(id), access.now());
}
