/** Every operation, for nobody and for each role: one without a rule fails here. Pages and the outer door: outer-door.test.ts. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { OPERATIONS, type Operation, type OperationId } from '@/lib/api/operations';
import { ProblemSchema } from '@/lib/api/schemas';
import { type AccessNeed, CSRF_HEADER } from '@/lib/domain/access';
import type { Access } from '@/services/access/access';
import { openTestAccess, PASSWORD, type TestAccess } from '@/services/access/testing';
import type { Runtime } from '@/services/contract';
import { signIn } from '@/services/operations/access/sign-in';
import { createMemoryMission, type MemoryMission } from '@/services/testing/memory-mission';
import { apiRoutes, createTestClient, targetOf } from './_lib/test-client';

const holder = vi.hoisted(() => ({ runtime: null as Runtime | null, access: null as Access | null }));
vi.mock('@/services/runtime/global', () => ({ getRuntime: () => holder.runtime }));
vi.mock('@/services/access/global', () => ({ getAccess: () => holder.access }));

const WHO = [
  'nobody',
  'viewer',
  'field of alpha',
  'field of bravo',
  'operator',
  'admin',
  'read token',
  'metrics token',
  'operate token',
  'alpha token',
  'admin token',
] as const;
type Who = (typeof WHO)[number];
const LOOK: Who[] = [
  'viewer',
  'field of alpha',
  'field of bravo',
  'operator',
  'admin',
  'read token',
  'operate token',
  'alpha token',
  'admin token',
];
/** Who gets past the door of each need, at alpha. */
const ALLOWED: Record<AccessNeed, readonly Who[]> = {
  public: WHO,
  'signed-in': WHO.filter((who) => who !== 'nobody'),
  viewer: LOOK,
  metrics: ['viewer', 'field of alpha', 'field of bravo', 'operator', 'admin', 'metrics token', 'admin token'],
  field: ['field of alpha', 'operator', 'admin', 'operate token', 'alpha token', 'admin token'],
  operator: ['operator', 'admin', 'operate token', 'admin token'],
  admin: ['admin', 'admin token'],
};

let ours: TestAccess;
let mission: MemoryMission;
let call: ReturnType<typeof createTestClient>;
const headersOf = new Map<Who, Record<string, string>>();

beforeAll(async () => {
  ours = await openTestAccess();
  holder.access = ours.access;
  mission = await createMemoryMission();
  // The mission of tests is configured without access control; what is at the doors is the access of this test.
  holder.runtime = mission.runtime;
  call = createTestClient(await apiRoutes());
  const { users, tokens } = ours.access.parts;
  for (const [who, role, site] of [
    ['viewer', 'viewer', null],
    ['field of alpha', 'field', 'alpha'],
    ['field of bravo', 'field', 'bravo'],
    ['operator', 'operator', null],
    ['admin', 'admin', null],
  ] as const) {
    const name = who.replaceAll(' ', '-');
    await users.add({ name, password: PASSWORD, role, site });
    const { cookie } = await signIn(
      ours.access,
      { method: 'POST', headers: new Headers() },
      { name, password: PASSWORD },
    );
    headersOf.set(who, { cookie: cookie.split(';')[0]!, [CSRF_HEADER]: '1' });
  }
  for (const [who, scope] of [
    ['read token', 'read'],
    ['metrics token', 'metrics'],
    ['operate token', 'operate'],
    ['alpha token', 'field:alpha'],
    ['admin token', 'admin'],
  ] as const) {
    const { secret } = await tokens.add({ name: who, scopes: [scope], expiresAt: null, createdBy: 'a test' });
    headersOf.set(who, { authorization: `Bearer ${secret}` });
  }
  headersOf.set('nobody', {});
  // Every route is loaded, and ten passwords are hashed: long on a busy machine.
}, 240_000);
afterAll(async () => {
  await mission.stop();
  await ours.access.close();
});
const send = (who: Who, method: string, target: string, extra: Record<string, string> = {}) =>
  call(target, {
    method,
    headers: { ...headersOf.get(who), ...extra },
    // Never a body that does what it asks: who is let in is told by what is said of it.
    ...(method === 'POST' || method === 'PUT' ? { body: '{' } : {}),
  });
/** These would end the sessions that the next row needs, or never end. */
const BY_HAND: readonly OperationId[] = ['signOut'];

const rows = Object.entries(OPERATIONS).filter(([id]) => !BY_HAND.includes(id as OperationId)) as [
  OperationId,
  Operation,
][];
describe.each(rows)('%s', (id, operation) => {
  test.each(WHO)('for %s', async (who) => {
    const abort = new AbortController();
    const response = await call(targetOf(operation), {
      method: operation.method,
      headers: headersOf.get(who)!,
      signal: abort.signal,
      ...(operation.body ? { body: '{' } : {}),
    });
    abort.abort();
    await response.body?.cancel();
    const isIn = response.status !== 401 && response.status !== 403;
    expect([id, who, isIn]).toEqual([id, who, ALLOWED[operation.access].includes(who)]);
    if (!isIn) expect(response.status).toBe(who === 'nobody' ? 401 : 403);
    if (response.status === 401) expect(response.headers.get('www-authenticate')).toContain('Bearer');
  });
});

const changing = rows.filter(([, { method, audit }]) => method !== 'GET' || audit !== undefined);
test.each(changing)(
  '%s leaves one line in the audit log: who, what, to what, with what result',
  async (id, operation) => {
    const who = operation.access === 'public' ? 'nobody' : 'admin';
    const before = (await ours.audit()).length;
    const response = await call(targetOf(operation), {
      method: operation.method,
      headers: headersOf.get(who)!,
      ...(operation.body ? { body: '{' } : {}),
    });
    await response.body?.cancel();
    const lines = (await ours.audit()).slice(before);
    expect(lines).toMatchObject([{ what: id, who: { name: who === 'nobody' ? '' : who } }]);
    expect(lines[0]!.result).toBe(response.ok ? 'done' : 'failed');
    if (operation.path.includes('{site}')) expect(lines[0]!.target).toMatchObject({ site: 'alpha' });
  },
);

describe('what a field user may not', () => {
  beforeEach(() => mission.addEdgeAsset('a'));

  test('is to start an HQ service, work at another site, or change the line; each refusal is in the audit log', async () => {
    const json = async (method: string, target: string, body: object) => {
      const response = await call(target, {
        method,
        headers: headersOf.get('field of alpha')!,
        body: JSON.stringify(body),
      });
      return { status: response.status, problem: ProblemSchema.safeParse(await response.json()).data };
    };
    expect(await json('PUT', '/api/sites/hq/services/downloader', { desired: 'running' })).toMatchObject({
      status: 403,
      problem: { code: 'FORBIDDEN', detail: 'It takes an operator to do this' },
    });
    expect(await json('POST', '/api/sites/bravo/requests', { assetIds: ['a'] })).toMatchObject({
      status: 403,
      problem: { detail: 'You work at alpha only' },
    });
    const conditions = { cut: true, bytesPerSecond: null, latencyMs: 0 };
    expect((await json('PUT', '/api/sites/alpha/link', { conditions })).status).toBe(403);
    expect((await json('PUT', '/api/sites/alpha/link', { mode: 'paused' })).status).toBe(202);
    const lines = (await ours.audit()).slice(-4);
    expect(lines.map(({ what, result }) => `${what} ${result}`)).toEqual([
      'updateService refused',
      'createRequests refused',
      'updateLink refused',
      'updateLink done',
    ]);
    expect(lines[3]).toMatchObject({
      who: { name: 'field-of-alpha', via: 'password' },
      target: { site: 'alpha', mode: 'paused' },
    });
  });
});

describe('a call of a browser', () => {
  const at = '/api/sites/alpha/mirror';

  test('that changes something needs the header that other sites can not send', async () => {
    const { [CSRF_HEADER]: _gone, ...cookieOnly } = headersOf.get('operator')!;
    const refused = await call(at, { method: 'POST', headers: cookieOnly });
    expect(refused.status).toBe(403);
    expect((await ours.audit()).at(-1)).toMatchObject({
      what: 'startMirror',
      result: 'refused',
      who: { name: 'operator' },
    });
    expect((await call(at, { headers: cookieOnly })).status).toBe(200);
    expect((await call(at, { method: 'DELETE', headers: headersOf.get('operate token')! })).status).toBe(202);
  });

  test.each([
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }, 202],
  ])('from %j', async (extra, status) => {
    expect((await call(at, { method: 'DELETE', headers: { ...headersOf.get('operator'), ...extra } })).status).toBe(
      status,
    );
    // Sign-in too: a browser must not be signed in as somebody else.
    const signing = await call('/api/session', {
      method: 'POST',
      headers: extra,
      body: JSON.stringify({ name: 'x', password: 'y' }),
    });
    expect(signing.status).toBe(status === 202 ? 401 : 403);
  });

  test('by another name than this machine has is refused while it listens on loopback', async () => {
    expect(
      (await call('/api/sites', { headers: { ...headersOf.get('admin'), host: 'evil.example:3000' } })).status,
    ).toBe(403);
  });
});

describe('signing in', () => {
  test('answers with a cookie, says who one is, and signing out takes it away', async () => {
    const response = await call('/api/session', {
      method: 'POST',
      body: JSON.stringify({ name: 'Viewer', password: PASSWORD }),
    });
    expect(response.status).toBe(200);
    const cookie = response.headers.get('set-cookie')!.split(';')[0]!;
    expect(await (await call('/api/session', { headers: { cookie } })).json()).toMatchObject({
      name: 'viewer',
      role: 'viewer',
    });
    const out = await call('/api/session', { method: 'DELETE', headers: { cookie, [CSRF_HEADER]: '1' } });
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
    const after = await call('/api/session', { headers: { cookie } });
    expect(after.status).toBe(401);
    // A cookie that opens nothing is taken from the browser.
    expect(after.headers.get('set-cookie')).toContain('Max-Age=0');
    const lines = (await ours.audit()).map(({ what, result, who }) => `${what} ${result} ${who.name}`);
    expect(lines).toEqual(expect.arrayContaining(['signIn done viewer', 'signOut done viewer']));
  });

  test('with a wrong password is refused and in the audit log, without the password', async () => {
    const response = await call('/api/session', {
      method: 'POST',
      body: JSON.stringify({ name: 'mallory', password: 'my secret guess' }),
    });
    expect(response.status).toBe(401);
    const line = (await ours.audit()).at(-1);
    expect(line).toMatchObject({
      what: 'signIn',
      result: 'refused',
      who: { name: 'mallory' },
      code: 'UNAUTHENTICATED',
    });
    expect(JSON.stringify(line)).not.toContain('secret guess');
  });

  test('set-up is over once there is an administrator', async () => {
    const response = await call('/api/set-up', {
      method: 'POST',
      body: JSON.stringify({ token: 'x', name: 'eve', password: PASSWORD }),
    });
    expect(response.status).toBe(409);
  });
});

test('an administrator makes users and tokens; the log tells of it without a secret, and is exported as JSON lines', async () => {
  const json = (method: string, target: string, body?: object) =>
    call(target, { method, headers: headersOf.get('admin')!, ...(body ? { body: JSON.stringify(body) } : {}) });
  const user = await (
    await json('POST', '/api/access/users', { name: 'gina', password: 'gives the best parties', role: 'operator' })
  ).json();
  expect(user).toMatchObject({ name: 'gina', role: 'operator' });
  expect((await json('PUT', `/api/access/users/${user.id}`, { role: 'field', site: 'bravo' })).status).toBe(200);
  expect((await json('DELETE', `/api/access/users/${user.id}`)).status).toBe(204);
  const token = await (
    await json('POST', '/api/access/tokens', { name: 'robot', scopes: ['read'], expiresInDays: 1 })
  ).json();
  expect((await call('/api/sites', { headers: { authorization: `Bearer ${token.token}` } })).status).toBe(200);
  const { tokens } = await (await json('GET', '/api/access/tokens')).json();
  expect(tokens.find((one: { id: string }) => one.id === token.id)).toMatchObject({
    name: 'robot',
    createdBy: 'admin',
  });
  expect((await json('DELETE', `/api/access/tokens/${token.id}`)).status).toBe(200);
  expect((await call('/api/sites', { headers: { authorization: `Bearer ${token.token}` } })).status).toBe(401);
  const { sessions } = await (await json('GET', '/api/access/sessions')).json();
  expect(sessions.filter((one: { current: boolean }) => one.current)).toHaveLength(1);
  const exported = await (await json('GET', '/api/access/audit/export?who=admin')).text();
  const lines = exported
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['createUser', 'updateUser', 'deleteUser', 'createToken', 'revokeToken']),
  );
  for (const hidden of ['best parties', token.token.slice(-20)]) expect(exported).not.toContain(hidden);
  const page = await (await json('GET', '/api/access/audit?what=updateUser&limit=1')).json();
  expect(page.entries).toMatchObject([{ what: 'updateUser', target: { name: 'gina', role: 'field', site: 'bravo' } }]);
});

test("one sees and ends one's own sessions; an administrator everybody's", async () => {
  const list = async (who: Who) =>
    (await (await send(who, 'GET', '/api/access/sessions')).json()).sessions as { id: string; name: string }[];
  expect(new Set((await list('viewer')).map(({ name }) => name))).toEqual(new Set(['viewer']));
  const others = (await list('admin')).find(({ name }) => name === 'field-of-bravo')!;
  expect((await send('viewer', 'DELETE', `/api/access/sessions/${others.id}`)).status).toBe(404);
  expect((await send('admin', 'DELETE', `/api/access/sessions/${others.id}`)).status).toBe(204);
  expect((await send('field of bravo', 'GET', '/api/session')).status).toBe(401);
});
