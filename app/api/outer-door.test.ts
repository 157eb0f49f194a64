/** The outer door, page by page and route by route as they lie under app/: a stranger reaches sign-in and liveness, and nothing else. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { OPERATIONS, type Operation } from '@/lib/api/operations';
import { writeProbeNote } from '@/lib/process/probe-note';
import type { Access } from '@/services/access/access';
import { judge } from '@/services/access/gate';
import { openTestAccess, type TestAccess } from '@/services/access/testing';
import type { Runtime } from '@/services/contract';
import { createMemoryMission, type MemoryMission } from '@/services/testing/memory-mission';
import { config as doors } from '../../proxy';
import { apiRoutes, createTestClient, targetOf } from './_lib/test-client';

const holder = vi.hoisted(() => ({ runtime: null as Runtime | null, access: null as Access | null }));
vi.mock('@/services/runtime/global', () => ({ getRuntime: () => holder.runtime }));
vi.mock('@/services/access/global', () => ({ getAccess: () => holder.access }));

const APP = path.resolve(import.meta.dirname, '..');
let probeKey = '';
let ours: TestAccess;
let mission: MemoryMission;
let call: ReturnType<typeof createTestClient>;

beforeAll(async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'fieldline-access-'));
  probeKey = writeProbeNote({ dataDir, siteId: 'hq' }, { host: '127.0.0.1', port: 3000 }).key;
  ours = await openTestAccess({}, dataDir);
  holder.access = ours.access;
  mission = await createMemoryMission();
  holder.runtime = mission.runtime;
  call = createTestClient(await apiRoutes());
  // Every route is loaded: long on a busy machine.
}, 240_000);
afterAll(async () => {
  await mission.stop();
  await ours.access.close();
});

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const tokenOf = async (scope: string) => {
  const { secret } = await ours.access.parts.tokens.add({
    name: scope,
    scopes: [scope],
    expiresAt: null,
    createdBy: 'a test',
  });
  return bearer(secret);
};

test('a stranger gets through the outer door to the sign-in page, set-up and liveness alone', async () => {
  const pass = async (method: string, at: string) => {
    const verdict = await judge(ours.access, { method, headers: new Headers() }, at, '');
    return 'pass' in verdict;
  };
  const open: string[] = [];
  for (const operation of Object.values(OPERATIONS) as Operation[])
    if (await pass(operation.method, targetOf(operation))) open.push(`${operation.method} ${operation.path}`);
  expect(open.sort()).toEqual(
    (Object.values(OPERATIONS) as Operation[])
      .filter(({ access }) => access === 'public')
      .map(({ method, path: at }) => `${method} ${at}`)
      .sort(),
  );
  const pages = pageFiles().map(({ route }) => route.replace('[site]', 'alpha'));
  const openPages: string[] = [];
  for (const page of [
    ...pages,
    ...routeFiles(),
    ...readdirSync(path.resolve(APP, '../public'), { recursive: true, encoding: 'utf8' }).map((file) => `/${file}`),
    '/nothing',
    '/api/nothing',
    '/_next/image',
    '/SIGN-IN',
    '/sign-in/..',
    '/sign-in/x',
    '/api/session/',
    '/api/health/live/..',
  ])
    if (await pass('GET', page)) openPages.push(page);
  expect(openPages.sort()).toEqual([
    '/api/health/live',
    '/api/sign-in/oidc',
    '/api/sign-in/oidc/callback',
    '/set-up',
    '/sign-in',
  ]);
});

test('the outer door stands before everything but the files of the build', () => {
  const [matcher] = doors.matcher;
  const isBefore = (at: string) => new RegExp(`^${matcher}$`).test(at);
  const behind = [...pageFiles().map(({ route }) => route), ...routeFiles(), '/_next/image', '/_next/data/x/hq.json'];
  for (const at of behind) expect([at, isBefore(at)]).toEqual([at, true]);
  expect(['/_next/static/x.js', '/icon.svg'].map(isBefore)).toEqual([false, false]);
});

describe('whether the installation is ready', () => {
  const ready = async (headers: Record<string, string>) => {
    const response = await call('/api/health/ready', { headers });
    return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
  };

  test('is nothing for a stranger, nor for a forged key, which is in the audit log', async () => {
    const refused = { status: 401, type: 'application/problem+json', body: { code: 'UNAUTHENTICATED' } };
    expect(await ready({})).toMatchObject(refused);
    const forged = `${probeKey.slice(0, -1)}${probeKey.endsWith('A') ? 'B' : 'A'}`;
    expect(await ready(bearer(forged))).toMatchObject(refused);
    const line = (await ours.audit()).at(-1);
    expect(line).toMatchObject({ what: 'credential', result: 'refused', who: { via: 'token' } });
    expect(JSON.stringify(line)).not.toContain(forged.slice(16));
  });

  test('is told to the probe of this installation with the reasons, to who may not read without', async () => {
    const health = vi.spyOn(mission.runtime, 'health').mockReturnValue({ ready: false, reasons: ['hq is away'] });
    const told = async (headers: Record<string, string>) => {
      const { status, body } = await ready(headers);
      return [status, body.reasons];
    };
    expect(await told(bearer(probeKey))).toEqual([503, ['hq is away']]);
    expect(await told(await tokenOf('read'))).toEqual([503, ['hq is away']]);
    expect(await told(await tokenOf('metrics'))).toEqual([503, []]);
    health.mockRestore();
    expect(await told(bearer(probeKey))).toEqual([200, []]);
  });

  test('is all that the key opens', async () => {
    const open: string[] = [];
    for (const [id, operation] of Object.entries(OPERATIONS) as [string, Operation][]) {
      const response = await call(targetOf(operation), {
        method: operation.method,
        headers: bearer(probeKey),
        ...(operation.body ? { body: '{' } : {}),
      });
      await response.body?.cancel();
      if (response.status !== 401 && response.status !== 403 && operation.access !== 'public') open.push(id);
    }
    // What concerns nobody but the caller itself, which has neither sessions nor a password.
    expect(open.sort()).toEqual(['changePassword', 'endSession', 'getSession', 'listSessions', 'ready', 'signOut']);
  });
});

test('who asks for a page is sent to sign in and back to it; who calls gets a problem', async () => {
  const nobody = { method: 'GET', headers: new Headers() };
  expect(await judge(ours.access, nobody, '/hq', '?tab=failed')).toEqual({
    signInAt: '/sign-in?next=%2Fhq%3Ftab%3Dfailed',
  });
  expect(await judge(ours.access, nobody, '//evil.example', '')).toEqual({ signInAt: '/sign-in' });
  expect(await judge(ours.access, nobody, '/api/sites', '')).toMatchObject({ refused: { code: 'UNAUTHENTICATED' } });
  expect(await judge(null, nobody, '/hq', '')).toMatchObject({ refused: { code: 'UNAVAILABLE' } });
});

/** Every page.tsx with its address. */
function pageFiles() {
  return readdirSync(APP, { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === 'page.tsx')
    .map((file) => ({
      route: `/${path.dirname(file)}`.replace('/.', '/'),
      text: readFileSync(path.join(APP, file), 'utf8'),
    }));
}

/** An address of every route.ts, also of those that are no operation: the sample feed, and what there is not. */
function routeFiles(): string[] {
  return readdirSync(APP, { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === 'route.ts')
    .map(
      (file) =>
        `/${path
          .dirname(file)
          .replace('[[...path]]', 'nothing')
          .replace(/\[\w+\]/g, 'alpha')}`,
    );
}

test('every page but those for strangers stands in a guard', () => {
  const pages = pageFiles();
  expect(pages.length).toBeGreaterThan(8);
  expect(
    pages
      .filter(({ text }) => !/<Guarded need="[a-z-]+">/.test(text))
      .map(({ route }) => route)
      .sort(),
  ).toEqual(['/set-up', '/sign-in']);
  const need = (route: string) =>
    /<Guarded need="([a-z-]+)">/.exec(pages.find((page) => page.route === route)!.text)?.[1];
  for (const route of ['/settings/users', '/settings/tokens', '/settings/audit'])
    expect([route, need(route)]).toEqual([route, 'admin']);
});
