/** Sign-in through a real provider of OpenID Connect (oidc-provider), over HTTP, as a browser does it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { beginOidc, finishOidc } from '../operations/access/oidc';
import { LOGIN_MS_MAX } from './oidc';
import { openTestAccess, type TestAccess } from './testing';

const PUBLIC_URL = 'http://127.0.0.1:3999';
const GROUPS: Record<string, string[]> = { olga: ['ops', 'staff'], fred: ['alpha-team'], nina: ['staff'] };

let server: Server;
let issuer: string;
let ours: TestAccess;

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'fieldline',
        redirect_uris: [`${PUBLIC_URL}/api/sign-in/oidc/callback`],
        token_endpoint_auth_method: 'none',
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    cookies: { keys: ['a key of the test'] },
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email'] },
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, preferred_username: sub, groups: GROUPS[sub] ?? [] }),
    }),
  });
  server.on('request', provider.callback());
});
afterAll(() => server.close());
afterEach(() => ours.access.close());

const open = async (changes: object = {}) => {
  ours = await openTestAccess({
    publicUrl: PUBLIC_URL,
    oidc: {
      issuer,
      clientId: 'fieldline',
      roles: { ops: 'operator', 'alpha-team': { role: 'field', site: 'alpha' } },
      ...changes,
    },
  });
};

/** A browser at the provider: follows its redirects with its cookies, fills its forms, stops where it is sent back to us. */
async function signInAtProvider(url: string, login: string): Promise<string> {
  const cookies = new Map<string, string>();
  let next = url;
  let form: string | undefined;
  for (let hop = 0; hop < 20; hop++) {
    const response = await fetch(next, {
      redirect: 'manual',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    form = undefined;
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0]!.split('=');
      cookies.set(name!, value!);
    }
    const location = response.headers.get('location');
    if (location) {
      next = new URL(location, next).href;
      if (next.startsWith(PUBLIC_URL)) return next;
      continue;
    }
    const page = await response.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
    if (!action) throw new Error(`The provider answered ${response.status}: ${page.slice(0, 300)}`);
    next = new URL(action, next).href;
    form = page.includes('name="login"') ? `prompt=login&login=${login}&password=any` : 'prompt=consent';
  }
  throw new Error('The provider went round in circles');
}

const cookieOf = (setCookie: string) => setCookie.split(';')[0]!;
const comeBack = (url: string, cookie: string) => finishOidc(ours.access, new Request(url, { headers: { cookie } }));

async function wholeWay(login: string, next?: string) {
  const { url, cookie } = await beginOidc(ours.access, next);
  const back = await signInAtProvider(url, login);
  return { back, cookie: cookieOf(cookie), answer: await comeBack(back, cookieOf(cookie)) };
}
const callerWith = (cookies: string[]) =>
  ours.access.identify({ method: 'GET', headers: new Headers({ cookie: cookieOf(cookies.at(-1)!) }) });
const refusedAs = (reason: string) => ({ location: `/sign-in?refused=${reason}`, remark: { refused: true } });

test('who has a role by a group comes in with it, and goes on where they wanted to', async () => {
  await open();
  const { answer } = await wholeWay('olga', '/hq?tab=failed');
  expect(answer.location).toBe('/hq?tab=failed');
  expect(await callerWith(answer.cookies)).toMatchObject({
    name: 'olga',
    role: 'operator',
    via: 'oidc',
    id: 'oidc:olga',
  });
  const field = await wholeWay('fred');
  expect(await callerWith(field.answer.cookies)).toMatchObject({ role: 'field', site: 'alpha' });
});

test('who has no role does not come in', async () => {
  await open();
  const { answer } = await wholeWay('nina');
  expect(answer).toMatchObject(refusedAs('role'));
  expect(answer.cookies).toHaveLength(1);
  expect(ours.access.parts.sessions.list()).toEqual([]);
});

test('a way back serves once', async () => {
  await open();
  const { back, cookie } = await wholeWay('olga');
  expect(await comeBack(back, cookie)).toMatchObject(refusedAs('state'));
  expect(ours.access.parts.sessions.list()).toHaveLength(1);
});

test('a way back that took too long is refused', async () => {
  await open();
  const { url, cookie } = await beginOidc(ours.access, '/');
  const back = await signInAtProvider(url, 'olga');
  ours.pass(LOGIN_MS_MAX + 1);
  expect(await comeBack(back, cookieOf(cookie))).toMatchObject(refusedAs('state'));
});

test('a way back that another browser began is refused: nobody can be signed in as somebody else', async () => {
  await open();
  const mine = await beginOidc(ours.access, '/');
  const theirs = await beginOidc(ours.access, '/');
  const back = await signInAtProvider(mine.url, 'olga');
  expect(await comeBack(back, '')).toMatchObject(refusedAs('state'));
  expect(await comeBack(back, cookieOf(theirs.cookie))).toMatchObject(refusedAs('provider'));
  expect(ours.access.parts.sessions.list()).toEqual([]);
});

test.each([
  ['another state', (back: URL) => back.searchParams.set('state', 'forged')],
  ['another code', (back: URL) => back.searchParams.set('code', 'forged')],
  ['another issuer', (back: URL) => back.searchParams.set('iss', 'http://127.0.0.1:1')],
  ['no issuer', (back: URL) => back.searchParams.delete('iss')],
  [
    "the provider's refusal",
    (back: URL) => {
      back.search = `?error=access_denied&state=${back.searchParams.get('state')}&iss=${encodeURIComponent(issuer)}`;
    },
  ],
])('a way back with %s is refused', async (_what, tamper) => {
  await open();
  const { url, cookie } = await beginOidc(ours.access, '/');
  const back = new URL(await signInAtProvider(url, 'olga'));
  tamper(back);
  const answer = await comeBack(back.href, cookieOf(cookie));
  expect(answer).toMatchObject(refusedAs('provider'));
  expect(answer.remark.detail).toContain('was not accepted');
  expect(ours.access.parts.sessions.list()).toEqual([]);
});

test('a provider that calls itself something else is not used', async () => {
  await open({ issuer: issuer.replace('127.0.0.1', 'localhost') });
  await expect(beginOidc(ours.access, '/')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a provider that is down is said to be, and is asked again', async () => {
  await open({ issuer: 'http://127.0.0.1:1' });
  for (let time = 0; time < 2; time++)
    await expect(beginOidc(ours.access, '/')).rejects.toMatchObject({ code: 'UNAVAILABLE', retriable: true });
});
