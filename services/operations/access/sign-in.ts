/** Signing in and out. What sets or takes a cookie answers with its Set-Cookie header. */
import type { Me } from '@/lib/api/access-schemas';
import { grantsOfRole } from '@/lib/domain/access';
import { FieldlineError } from '@/lib/errors';
import type { Access } from '../../access/access';
import type { Identity, Knock } from '../../access/contract';
import { checkPassword } from '../../access/passwords';
import type { NewSession } from '../../access/sessions';
import type { User } from '../../access/users';
import { meOf } from './views';

/** As a browser calls itself; for a person to recognise. */
const AGENT_LENGTH_MAX = 200;

export interface SignedIn {
  me: Me;
  caller: Identity;
  cookie: string;
}

/** Fails with UNAUTHENTICATED (the same for a wrong name and a wrong password), RATE_LIMITED. */
export async function signIn(
  access: Access,
  knock: Knock,
  wish: { name: string; password: string },
): Promise<SignedIn> {
  const { users, signInThrottle } = access.parts;
  const name = wish.name.toLowerCase();
  const { address } = access.originOf(knock);
  await signInThrottle.attempt(name, address);
  const user = await users.verify(name, wish.password);
  if (!user)
    throw new FieldlineError('UNAUTHENTICATED', 'The name or the password is wrong', {
      remedy: 'Try again; after several wrong tries there is a pause',
    });
  await signInThrottle.succeeded(name, address);
  return openSession(access, knock, ofUser(user));
}

/** Makes the first administrator and signs them in. Fails with UNAUTHENTICATED, CONFLICT, RATE_LIMITED, REQUEST_INVALID. */
export async function setUpAdmin(
  access: Access,
  knock: Knock,
  wish: { token: string; name: string; password: string },
): Promise<SignedIn> {
  const { users, setUp, signInThrottle } = access.parts;
  const { address } = access.originOf(knock);
  await signInThrottle.attempt('set-up', address);
  await setUp.check(wish.token);
  const user = await users.add({ name: wish.name, password: wish.password, role: 'admin' }, { first: true });
  await signInThrottle.succeeded('set-up', address);
  await setUp.done();
  return openSession(access, knock, ofUser(user));
}

/**
 * A session under a new secret, whatever cookie the browser came with: one that somebody else planted is worth nothing. The session of
 * that cookie ends.
 */
export async function openSession(
  access: Access,
  { headers }: Knock,
  who: Pick<NewSession, 'via' | 'owner' | 'name' | 'role' | 'site'>,
): Promise<SignedIn> {
  const { sessions } = access.parts;
  const before = access.cookies.read('fieldline-session', headers);
  const old = before === null ? null : sessions.find(before);
  if (old) await sessions.end((session) => session.id === old.id);
  const { session, secret } = await sessions.begin({
    ...who,
    address: access.originOf({ method: 'POST', headers }).address,
    agent: (headers.get('user-agent') ?? '').slice(0, AGENT_LENGTH_MAX),
  });
  const { owner: id, name, via, role, site } = session;
  const grants = grantsOfRole(role ?? 'viewer', site);
  const caller: Identity = { id, name, via, role, site, grants, sessionId: session.id };
  return { me: meOf(access, caller), caller, cookie: access.cookies.write('fieldline-session', secret) };
}

/** Ends the caller's session, if it has one. Resolves with the header that takes the cookie away. */
export async function signOut(access: Access, caller: Identity): Promise<string> {
  if (access.isOn) await access.parts.sessions.end((session) => session.id === caller.sessionId);
  return access.cookies.write('fieldline-session', '');
}

/** Fails with CONFLICT for who has no password here, FORBIDDEN when `current` is wrong, REQUEST_INVALID, RATE_LIMITED. */
export async function changePassword(
  access: Access,
  knock: Knock,
  caller: Identity,
  { current, next }: { current: string; next: string },
): Promise<SignedIn> {
  const { users, sessions, signInThrottle } = access.parts;
  const user = caller.via === 'password' ? users.byId(caller.id.slice('user:'.length)) : undefined;
  if (!user)
    throw new FieldlineError('CONFLICT', 'Your password is not kept here', { remedy: 'Change it where it is' });
  const { address } = access.originOf(knock);
  await signInThrottle.attempt(user.name, address);
  // Not 401: the session is right, and the page must not take it for over.
  if (!(await checkPassword(current, user.password)).right)
    throw new FieldlineError('FORBIDDEN', 'The current password is wrong');
  await signInThrottle.succeeded(user.name, address);
  const changed = await users.change(user.id, { password: next });
  await sessions.end((session) => session.owner === caller.id);
  return openSession(access, knock, ofUser(changed));
}

const ofUser = ({ id, name, role, site }: User) => ({
  via: 'password' as const,
  owner: `user:${id}`,
  name,
  role,
  site,
});
