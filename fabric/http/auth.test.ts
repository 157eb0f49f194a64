import { afterEach, describe, expect, it } from 'vitest';
import { testAccess } from '../access/testing';
import { DoorAuth, TOKEN_LIFETIME_SECONDS } from './auth';
import { JSON_BODY_BYTES_MAX, RestServer, sendJson } from './router';

const servers: RestServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function serve(credentials: { username: string; password: string } | undefined) {
  const clock = { now: () => clock.at, at: Date.parse('2026-01-01T00:00:00Z'), sleep: async () => undefined };
  const server = new RestServer();
  servers.push(server);
  const auth = new DoorAuth(credentials ? await testAccess(credentials, clock) : null, clock);
  auth.register(server);
  auth.protect(server).on('GET', '/door', (_request, response) => sendJson(response, 200, { open: true }));
  auth.protect(server).on('POST', '/echo', async (request, response) => sendJson(response, 200, await request.json()));
  const port = await server.listen('127.0.0.1', 0);
  const call = (path: string, authorization?: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: authorization ? { authorization } : {} });
  return { call, clock };
}
const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

describe('DoorAuth', () => {
  it('is open without credentials, and then issues no tokens', async () => {
    const { call } = await serve(undefined);
    expect((await call('/door')).status).toBe(200);
    expect((await call('/auth/v2/token', basic('a', 'b'), { method: 'POST' })).status).toBe(404);
  });

  it('lets in the right credentials only', async () => {
    const { call } = await serve({ username: 'mapr', password: 'pä:ss' });
    expect((await call('/door', basic('mapr', 'pä:ss'))).status).toBe(200);
    for (const header of [
      undefined,
      basic('mapr', 'pä:s'),
      basic('map', 'r:pä:ss'),
      'Basic ???',
      'Bearer a.b.c',
      'Basic',
      'x'.repeat(5000),
    ]) {
      const response = await call('/door', header);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('Basic');
    }
  });

  it('issues tokens that work until they expire, and takes no forged ones', async () => {
    const { call, clock } = await serve({ username: 'mapr', password: 'secret' });
    expect((await call('/auth/v2/token', undefined, { method: 'POST' })).status).toBe(401);
    const response = await call('/auth/v2/token', basic('mapr', 'secret'), { method: 'POST' });
    const { token } = (await response.json()) as { token: string };
    const [header, claims, signature] = token.split('.') as [string, string, string];
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS512' });
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ sub: 'mapr', aud: 'web' });
    expect((await call('/door', `Bearer ${token}`)).status).toBe(200);

    const longer = Buffer.from(JSON.stringify({ sub: 'mapr', exp: 9e9 })).toString('base64url');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const forged of [`${header}.${longer}.${signature}`, `${unsigned}.${claims}.x`, `${header}.${claims}`])
      expect((await call('/door', `Bearer ${forged}`)).status).toBe(401);
    expect((await call('/auth/v2/token', `Bearer ${token}`, { method: 'POST' })).status).toBe(401);

    clock.at += TOKEN_LIFETIME_SECONDS * 1000;
    expect((await call('/door', `Bearer ${token}`)).status).toBe(401);
  });
});

describe('RestServer', () => {
  it('answers an oversized body instead of cutting the line', async () => {
    const { call } = await serve(undefined);
    const response = await call('/echo', undefined, { method: 'POST', body: new Uint8Array(JSON_BODY_BYTES_MAX + 1) });
    expect(response.status).toBe(413);
    expect((await call('/echo', undefined, { method: 'POST', body: '{"a":1}' })).status).toBe(200);
  });
});
