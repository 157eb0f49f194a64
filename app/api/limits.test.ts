/** How much one caller may ask, at the doors themselves. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProblemSchema } from '@/lib/api/schemas';
import type { Access } from '@/services/access/access';
import { judge } from '@/services/access/gate';
import { openTestAccess, type TestAccess } from '@/services/access/testing';
import type { Runtime } from '@/services/contract';
import { createMemoryMission, type MemoryMission } from '@/services/testing/memory-mission';
import { apiRoutes, createTestClient } from './_lib/test-client';

const holder = vi.hoisted(() => ({ runtime: null as Runtime | null, access: null as Access | null }));
vi.mock('@/services/runtime/global', () => ({ getRuntime: () => holder.runtime }));
vi.mock('@/services/access/global', () => ({ getAccess: () => holder.access }));

let ours: TestAccess;
let mission: MemoryMission;
let call: ReturnType<typeof createTestClient>;
beforeEach(async () => {
  ours = await openTestAccess();
  holder.access = ours.access;
  mission = await createMemoryMission();
  holder.runtime = mission.runtime;
  call = createTestClient(await apiRoutes());
}, 60_000);
afterEach(async () => {
  await mission.stop();
  await ours.access.close();
});

async function expectLimited(response: Response): Promise<void> {
  expect(response.status).toBe(429);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(ProblemSchema.parse(await response.json()).code).toBe('RATE_LIMITED');
}

const STRANGERS: [string, () => Promise<Response>][] = [
  ['without an identity', () => call('/api/sites')],
  ['with a wrong one', () => call('/api/sites', { headers: { authorization: 'Bearer guessed' } })],
  ['for what needs none', () => call('/api/session', { method: 'POST', body: '{' })],
];
test.each(STRANGERS)(
  'a stranger who calls %s is refused after 600 calls',
  async (_what, ask) => {
    for (let n = 0; n < 600; n++) expect((await ask()).status).not.toBe(429);
    await expectLimited(await ask());
    // An identity that comes from there has a limit of its own.
    const { secret } = await ours.access.parts.tokens.add({
      name: 'm',
      scopes: ['read'],
      expiresAt: null,
      createdBy: '',
    });
    expect((await call('/api/sites', { headers: { authorization: `Bearer ${secret}` } })).status).toBe(200);
  },
  60_000,
);

test('the outer door turns a stranger away after 600 calls', async () => {
  const knock = { method: 'GET', headers: new Headers() };
  for (let n = 0; n < 600; n++) expect(await judge(ours.access, knock, '/hq', '')).toHaveProperty('signInAt');
  expect(await judge(ours.access, knock, '/hq', '')).toMatchObject({ refused: { code: 'RATE_LIMITED' } });
});

test('a call of an identity counts once, whatever doors it goes through; after 6000 it is refused', async () => {
  const { token, secret } = await ours.access.parts.tokens.add({
    name: 'machine',
    scopes: ['read'],
    expiresAt: null,
    createdBy: 'a test',
  });
  const headers = { authorization: `Bearer ${secret}` };
  for (let n = 0; n < 5998; n++) await ours.access.parts.callThrottle.count({ identity: `token:${token.id}` });
  const pass = (at: string) => judge(ours.access, { method: 'GET', headers: new Headers(headers) }, at, '');
  expect(await pass('/api/sites')).toEqual({ pass: true });
  expect((await call('/api/sites', { headers })).status).toBe(200);
  // A page and files have the outer door alone.
  expect(await pass('/hq')).toEqual({ pass: true });
  expect(await pass('/sample/base/alps.webp')).toMatchObject({ refused: { code: 'RATE_LIMITED' } });
  await expectLimited(await call('/api/sites', { headers }));
});
