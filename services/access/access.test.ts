/** Users, sessions, tokens, the proxy: who is let in, and who is not. */
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { updateUser } from '../operations/access/admin';
import { signIn, signOut } from '../operations/access/sign-in';
import { checkPassword, hashPassword, passwordRefusal } from './passwords';
import { safePath } from './safe-path';
import { SESSION_IDLE_MS_MAX, SESSION_MS_MAX } from './sessions';
import { openTestAccess, PASSWORD, type TestAccess } from './testing';
import { pauseSeconds } from './throttle';
import { addressMatcher, forwardedAddress, roleOfGroups } from './trusted-proxy';

let ours: TestAccess;
let dataDir: string;
beforeEach(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'fieldline-access-'));
  ours = await openTestAccess({}, dataDir);
});
afterEach(() => ours.access.close());

const knock = (headers: Record<string, string> = {}) => ({ method: 'GET', headers: new Headers(headers) });
const users = () => ours.access.parts.users;
const add = (name: string, role: 'viewer' | 'operator' | 'admin' = 'viewer') =>
  users().add({ name, password: PASSWORD, role });
const comeIn = (name: string, password = PASSWORD, headers: Record<string, string> = {}) =>
  signIn(ours.access, knock(headers), { name, password });
const cookieOf = (setCookie: string) => setCookie.split(';')[0]!;
const who = (headers: Record<string, string>) => ours.access.identify(knock(headers));

describe('passwords', () => {
  test.each([
    ['eleven chars', 'abcdefghijk', /at least 12/],
    ['one letter many times', 'aaaaaaaaaaaaaa', /guessed/],
    ['a common one', 'Password123456', /guessed/],
    ['digits in a row', '0123456789012', /guessed/],
    ["the user's name", 'operator-olga-1', /name of the user/],
    ['endless', 'x y'.repeat(200), /more than 256/],
  ])('%s is not taken', (_what, password, why) => expect(passwordRefusal(password, 'olga')).toMatch(why));

  test.each(['correct horse battery', 'größer als zwölf', 'no digits no signs'])('"%s" is', (password) =>
    expect(passwordRefusal(password, 'olga')).toBeNull(),
  );

  test('are kept as a hash with its parameters, another one each time', async () => {
    const [one, two] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)];
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
    expect(one).not.toBe(two);
    expect(await checkPassword(PASSWORD, one)).toEqual({ right: true, outdated: false });
    expect((await checkPassword(`${PASSWORD} `, one)).right).toBe(false);
    expect((await checkPassword('', null)).right).toBe(false);
    expect((await checkPassword(PASSWORD, '$scrypt$ln=60,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA==$AAAA')).right).toBe(false);
  });

  test('one that was hashed with less is hashed anew when it is right', async () => {
    const { id } = await add('olga');
    const file = path.join(dataDir, 'access/users.json');
    const old = JSON.parse(readFileSync(file, 'utf8'));
    const { scryptSync } = await import('node:crypto');
    const salt = Buffer.alloc(16, 7);
    const key = scryptSync(PASSWORD, salt, 32, { N: 2 ** 10, r: 8, p: 1 });
    old.records[0].password = `$scrypt$ln=10,r=8,p=1$${salt.toString('base64')}$${key.toString('base64')}`;
    await ours.access.close();
    writeFileSync(file, JSON.stringify(old));
    ours = await openTestAccess({}, dataDir);
    await comeIn('olga');
    expect(users().byId(id)?.password).toMatch(/ln=15,r=8,p=3/);
    await comeIn('olga');
  });
});

describe('users', () => {
  test('the answer to a wrong name and to a wrong password is the same', async () => {
    await add('olga');
    const [name, password] = await Promise.all([
      comeIn('nobody').catch((error: Error) => error),
      comeIn('olga', 'wrong password!').catch((error: Error) => error),
    ]);
    expect(name).toMatchObject({ code: 'UNAUTHENTICATED', message: (password as Error).message });
  });

  test('are pausing after several wrong tries, whether they exist or not, and also for the right password', async () => {
    await add('olga');
    for (const name of ['olga', 'nobody']) {
      for (let time = 0; time < 6; time++)
        await expect(comeIn(name, 'wrong password!')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      await expect(comeIn(name)).rejects.toMatchObject({
        code: 'RATE_LIMITED',
        details: { retryAfterSeconds: expect.any(Number) },
      });
    }
  });

  test('many tries at once are counted before they are judged', async () => {
    await add('olga');
    const tries = await Promise.allSettled(Array.from({ length: 30 }, () => comeIn('olga', 'wrong password!')));
    const judged = tries.filter((one) => one.status === 'rejected' && one.reason.code === 'UNAUTHENTICATED');
    expect(judged.length).toBeLessThan(10);
  });

  test('pauses double up to a bound', () => {
    expect([0, 1, 2, 3, 30].map(pauseSeconds)).toEqual([0, 5, 10, 20, 900]);
  });

  test('the last administrator can not be removed, demoted or disabled', async () => {
    const { id } = await add('anna', 'admin');
    for (const change of [{ role: 'viewer' as const }, { disabled: true }])
      await expect(users().change(id, change)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(users().remove(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await add('bert', 'admin');
    await users().remove(id);
  });

  test('a name is taken once, in any case', async () => {
    await add('olga');
    await expect(add('Olga')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('secrets are in files of their owner, as digests', async () => {
    await add('olga');
    const { secret } = await ours.access.parts.tokens.add({
      name: 't',
      scopes: ['read'],
      expiresAt: null,
      createdBy: 'olga',
    });
    const { cookie } = await comeIn('olga');
    const directory = path.join(dataDir, 'access');
    for (const name of readdirSync(directory).filter((file) => file.endsWith('.json'))) {
      expect(statSync(path.join(directory, name)).mode & 0o077).toBe(0);
      const text = readFileSync(path.join(directory, name), 'utf8');
      for (const hidden of [PASSWORD, secret.slice(-20), cookieOf(cookie).split('=')[1]!])
        expect(text).not.toContain(hidden);
    }
  });
});

describe('sessions', () => {
  test('last over a restart, and end idle, old, by sign-out', async () => {
    await add('olga');
    const { cookie, caller } = await comeIn('olga');
    const headers = { cookie: cookieOf(cookie) };
    await ours.access.close();
    ours = await openTestAccess({}, dataDir);
    expect(await who(headers)).toMatchObject({ name: 'olga', role: 'viewer', via: 'password' });
    await signOut(ours.access, caller);
    await expect(who(headers)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const idle = { cookie: cookieOf((await comeIn('olga')).cookie) };
    ours.pass(SESSION_IDLE_MS_MAX + 1);
    await expect(who(idle)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const old = { cookie: cookieOf((await comeIn('olga')).cookie) };
    for (let used = 0; used < SESSION_MS_MAX - SESSION_IDLE_MS_MAX; used += SESSION_IDLE_MS_MAX / 2) {
      ours.pass(SESSION_IDLE_MS_MAX / 2);
      await who(old);
    }
    ours.pass(SESSION_IDLE_MS_MAX / 2);
    await who(old);
    ours.pass(SESSION_IDLE_MS_MAX / 2 + 1);
    await expect(who(old)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('a cookie that was planted before sign-in is worth nothing after it, and the old session ends', async () => {
    await add('olga');
    const planted = { cookie: 'fieldline-session=planted-by-an-attacker' };
    const first = await comeIn('olga', PASSWORD, planted);
    expect(cookieOf(first.cookie)).not.toBe(planted.cookie);
    await expect(who(planted)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const before = { cookie: cookieOf(first.cookie) };
    await comeIn('olga', PASSWORD, before);
    await expect(who(before)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('a change of role, site, state or password ends them, and an open stream learns of it', async () => {
    await add('anna', 'admin');
    const { id } = await add('olga', 'operator');
    for (const change of [{ role: 'viewer' as const }, { password: 'another long password' }, { disabled: true }]) {
      const { cookie, caller } = await comeIn(
        'olga',
        users().byId(id)!.role === 'operator' || change.password ? PASSWORD : 'another long password',
      );
      expect(ours.access.isStillIn(caller)).toBe(true);
      await updateUser(ours.access, id, change);
      await expect(who({ cookie: cookieOf(cookie) })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(ours.access.isStillIn(caller)).toBe(false);
    }
  });

  test('a tampered cookie is refused and audited', async () => {
    await add('olga');
    const { cookie } = await comeIn('olga');
    const value = cookieOf(cookie);
    const tampered = value.slice(0, -1) + (value.endsWith('A') ? 'B' : 'A');
    await expect(who({ cookie: tampered })).rejects.toMatchObject({ details: { credential: 'session' } });
    expect(await ours.audit()).toMatchObject([{ what: 'credential', result: 'refused', who: { via: 'session' } }]);
  });

  test.each([
    [{}, 'fieldline-session=', ''],
    [{ publicUrl: 'https://f.example' }, '__Host-fieldline-session=', '; Secure'],
  ])('cookies with %j are HttpOnly, SameSite and Secure where that is possible', async (settings, name, secure) => {
    await ours.access.close();
    ours = await openTestAccess(settings, dataDir);
    await add('olga');
    const { cookie } = await comeIn('olga');
    expect(cookie).toMatch(new RegExp(`^${name}[\\w-]{43}; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax${secure}$`));
  });
});

describe('tokens', () => {
  const make = (scopes: string[], expiresAt: number | null = null) =>
    ours.access.parts.tokens.add({ name: 'a machine', scopes, expiresAt, createdBy: 'anna' });
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

  test('open what their scopes say, until they are over or revoked', async () => {
    const { token, secret } = await make(['field:alpha'], Date.now() + 60_000);
    expect(await who(bearer(secret))).toMatchObject({
      via: 'token',
      role: null,
      grants: { sites: ['alpha'], read: true, admin: false },
    });
    ours.pass(61_000);
    await expect(who(bearer(secret))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const second = await make(['read']);
    await ours.access.parts.tokens.revoke(second.token.id);
    await expect(who(bearer(second.secret))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(token.id).toHaveLength(12);
  });

  test.each([
    ['with another secret', (secret: string) => `Bearer ${secret.slice(0, -2)}xx`],
    ['with another id', (secret: string) => `Bearer ${secret.replace(/^(fieldline_)..../, '$1AAAA')}`],
    ['cut off', (secret: string) => `Bearer ${secret.slice(0, 30)}`],
    ['of another scheme', (secret: string) => `Basic ${Buffer.from(`x:${secret}`).toString('base64')}`],
    ['of another kind', () => 'Bearer eyJhbGciOiJub25lIn0.e30.'],
    ['empty', () => 'Bearer '],
  ])('one %s is refused and audited', async (_what, forge) => {
    const { secret } = await make(['admin']);
    await expect(who({ authorization: forge(secret) })).rejects.toMatchObject({ details: { credential: 'token' } });
    expect((await ours.audit()).at(-1)).toMatchObject({ what: 'credential', result: 'refused', who: { via: 'token' } });
  });

  test('a wrong one can not fill the audit log', async () => {
    for (let time = 0; time < 80; time++) await who(bearer('x')).catch(() => undefined);
    expect((await ours.audit()).length).toBe(60);
  });
});

describe('a trusted proxy', () => {
  const roles = { ops: 'operator', alpha: { role: 'field', site: 'alpha' } };
  const headers = { 'x-auth-request-user': 'olga', 'x-auth-request-groups': 'staff, ops' };

  test('headers from an address that is no proxy are refused and audited', async () => {
    await ours.access.close();
    ours = await openTestAccess({ trustedProxy: { addresses: ['10.1.0.0/16'], roles } }, dataDir);
    await expect(who(headers)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      details: { credential: 'proxy header' },
    });
    // The address is the socket's, never what a client says of itself.
    await expect(
      who({ ...headers, 'x-forwarded-for': '10.1.2.3', 'x-fieldline-peer': 'x 10.1.2.3' }),
    ).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(await ours.audit()).toMatchObject([{ who: { name: 'olga', via: 'proxy header' }, result: 'refused' }, {}]);
  });

  test('without one configured, its headers are nothing', async () => {
    expect(await who(headers)).toBeNull();
  });

  test('ranges are of their family, and IPv4 in IPv6 is IPv4', () => {
    const isTrusted = addressMatcher(['10.1.0.0/16', '127.0.0.1', 'fd00::/8']);
    expect(['10.1.9.9', '::ffff:10.1.2.3', '127.0.0.1', 'fd00::1'].every(isTrusted)).toBe(true);
    expect(['10.2.0.1', '127.0.0.2', 'fe80::1', 'unknown', '', '10.1.0.0/16'].some(isTrusted)).toBe(false);
  });

  test('the client is the last hop that is no proxy; what stands before it was said by the client', () => {
    const isTrusted = addressMatcher(['10.1.0.0/16']);
    const through = (chain: string) =>
      forwardedAddress(new Headers({ 'x-forwarded-for': chain }), '10.1.0.1', isTrusted);
    expect(through('1.1.1.1, 2.2.2.2, 10.1.0.9')).toBe('2.2.2.2');
    expect(through('forged')).toBe('10.1.0.1');
    expect(forwardedAddress(new Headers(), '10.1.0.1', isTrusted)).toBe('10.1.0.1');
  });

  test('the most that any group allows counts; names of the language are no groups', () => {
    expect(roleOfGroups(['alpha', 'ops'], { ops: 'operator', alpha: { role: 'field', site: 'alpha' } })?.role).toBe(
      'operator',
    );
    expect(roleOfGroups(['constructor', '__proto__', 'toString'], { ops: 'operator' })).toBeNull();
  });
});

test.each([
  ['/hq?tab=1', '/hq?tab=1'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/%2f%2fevil.example/..//x', '/'],
  ['/a/..//evil.example', '/'],
  ['https://evil.example', '/'],
  ['/x\r\nSet-Cookie: a=b', '/'],
  ['javascript:alert(1)', '/'],
  ['', '/'],
])('after signing in, %j leads to %j', (next, expected) => expect(safePath(next)).toBe(expected));

test('one process holds the users of a directory', async () => {
  await expect(openTestAccess({}, dataDir)).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
});

test('a file that another version wrote, or that is damaged, is not overwritten', async () => {
  await ours.access.close();
  for (const text of ['{"version":2,"records":[]}', '{"version":1,"rec']) {
    writeFileSync(path.join(dataDir, 'access/users.json'), text);
    await expect(openTestAccess({}, dataDir)).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
    expect(readFileSync(path.join(dataDir, 'access/users.json'), 'utf8')).toBe(text);
  }
  dataDir = mkdtempSync(path.join(tmpdir(), 'fieldline-access-'));
  ours = await openTestAccess({}, dataDir);
});
