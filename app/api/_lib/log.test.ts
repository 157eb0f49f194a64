import { beforeEach, expect, test, vi } from 'vitest';
import { FieldlineError } from '@/lib/errors';
import { openTestAccess } from '@/services/access/testing';

const lines = vi.hoisted(() => [] as unknown[]);
vi.mock('@/lib/log/logger', () => {
  const write = (fields: unknown, message: string) => lines.push({ ...(fields as object), message });
  return { createLogger: () => ({ info: write, error: write, warn: write, debug: write }) };
});
const holder = vi.hoisted(() => ({ access: null as unknown }));
vi.mock('@/services/access/global', () => ({ getAccess: () => holder.access }));

beforeEach(() => {
  lines.length = 0;
  vi.resetModules();
});
const problemOf = async (error: unknown, path: string) =>
  (await import('./problem')).problemResponse(error, new Request(`http://localhost${path}`, { method: 'PUT' }));

test('a refusal is one line, with where it wanted to go and without what it said', async () => {
  await problemOf(
    new FieldlineError('NOT_FOUND', 'Nothing there'),
    '/api/sites/..%2f..%2fetc%2fpasswd/assets?code=hush',
  );
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  expect(lines).toEqual([
    {
      message: 'a call was refused',
      code: 'NOT_FOUND',
      method: 'PUT',
      path: '/api/sites/..%2f..%2fetc%2fpasswd/assets',
      from: 'unknown',
    },
  ]);
});

test('what this server could not do is no refusal; what nobody foresaw is written whole', async () => {
  await problemOf(new FieldlineError('UNAVAILABLE', 'The fabric is away'), '/api/sites');
  await problemOf(new Error('a bug'), '/api/sites');
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  expect(lines).toMatchObject([{ message: 'a call failed', err: { message: 'a bug' } }]);
});

test('whoever knocks all the time does not fill the log', async () => {
  for (let n = 0; n < 200; n++) await problemOf(new FieldlineError('FORBIDDEN', 'No'), `/api/${n}`);
  await vi.waitFor(() => expect(lines).toHaveLength(60));
});

test('a stranger who is sent to sign in has been refused', async () => {
  const ours = await openTestAccess();
  holder.access = ours.access;
  try {
    const [{ proxy }, { NextRequest }] = await Promise.all([import('../../../proxy'), import('next/server')]);
    const answer = await proxy(
      new NextRequest('http://127.0.0.1:3000/..%2fetc/passwd', { headers: { host: '127.0.0.1:3000' } }),
    );
    expect(answer.status).toBe(303);
    await vi.waitFor(() => expect(lines).toMatchObject([{ code: 'UNAUTHENTICATED', path: '/..%2fetc/passwd' }]));
  } finally {
    await ours.access.close();
  }
}, 60_000);
