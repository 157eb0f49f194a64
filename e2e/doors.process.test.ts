/** The app's doors with access control on, from outside: strangers, forgers, the slow and the large. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation } from './support/installation';

const PROXY = '127.0.0.2';
const ADMIN = { name: 'anna', password: 'four unrelated words here' };

let installation: Installation;
let token: string;

beforeAll(async () => {
  installation = await Installation.start({
    sites: ['hq', 'alpha'],
    feeds: [{ id: 'sample', kind: 'json', url: 'app:/sample/feed.json', intervalSeconds: 5 }],
    config: {
      access: {
        mode: 'on',
        trustedProxy: { addresses: [PROXY], roles: { ops: 'operator' } },
      },
    },
  });
  const setup = readFileSync(path.join(installation.directory, 'data/access/setup-token'), 'utf8').trim();
  const made = await call('POST', '/api/set-up', { body: { token: setup, ...ADMIN } });
  expect(made.status).toBe(201);
  const cookie = String(made.headers['set-cookie']).split(';')[0]!;
  const machine = await call('POST', '/api/access/tokens', {
    headers: { cookie, 'x-fieldline-csrf': '1' },
    body: { name: 'test', scopes: ['admin'], expiresInDays: 1 },
  });
  token = JSON.parse(machine.text).token;
}, 300_000);
afterAll(() => installation?.stop());

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}
/** A call with exactly this path, from one of this machine's addresses. */
function call(
  method: string,
  at: string,
  { headers = {}, body, from }: { headers?: Record<string, string>; body?: unknown; from?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: '127.0.0.1',
        port: installation.appPort,
        path: at,
        method,
        localAddress: from,
        agent: false,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
      },
    );
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
const authorization = () => ({ authorization: `Bearer ${token}` });
const audit = async () =>
  JSON.parse((await call('GET', '/api/access/audit?limit=20', { headers: authorization() })).text).entries;

/** Bytes as they are, and what comes back until the server closes. */
function raw(text: string, timeoutMs = 100_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(installation.appPort, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('The server keeps the connection')));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('a stranger', () => {
  test.each(['/', '/hq', '/edge/alpha', '/settings', '/settings/users', '/nothing', '/index.html'])(
    'who asks for the page %s is sent to sign in',
    async (at) => {
      const { status, headers, text } = await call('GET', at);
      expect([at, status]).toEqual([at, 303]);
      expect(headers.location).toMatch(/^(http:\/\/[^/]+)?\/sign-in/);
      // Its own address is all that it says.
      expect(text.replace(encodeURIComponent(at), '')).not.toContain('alpha');
    },
  );

  test.each([
    '/api/sites',
    '/api/events',
    '/api/openapi.json',
    '/api/nothing',
    '/metrics',
    '/sample/feed.json',
    '/sample/scenes.json',
    '/sample/base/alps.webp',
    '/api/access/users',
  ])('who calls %s gets 401 and nothing else', async (at) => {
    const { status, headers, text } = await call('GET', at);
    expect([at, status]).toEqual([at, 401]);
    expect(headers['www-authenticate']).toContain('Bearer');
    expect(JSON.parse(text).code).toBe('UNAUTHENTICATED');
  });

  test.each([
    '/_next/static/../../api/sites',
    '/_next/static/%2e%2e/%2e%2e/api/sites',
    '/_next/static/..%2f..%2fapi/sites',
    '/sign-in/../api/sites',
    '/sign-in/../../data/access/users.json',
    '/api/health/live/../../sites',
    '/api/health/live/%2e%2e/%2e%2e/sites',
    '//api/sites',
    '/API/sites',
    '/api//sites',
    '/api/sites/',
    '/api/sites/..%2f..%2fetc%2fpasswd/assets',
    '/icon.svg/../api/sites',
    '/_next/image?url=%2Fsample%2Fbase%2Falps.webp&w=640&q=75',
    '/_next/data/x/hq.json',
    '/hq?_rsc=1',
    '/..%2f..%2f..%2fetc/passwd',
  ])('who winds through %s gets nothing', async (at) => {
    const { status, text } = await call('GET', at, { headers: { rsc: '1' } });
    expect([at, [301, 303, 307, 308, 400, 401, 403, 404].includes(status)]).toEqual([at, true]);
    for (const secret of ['"sites"', 'scrypt', 'root:', 'ASSET_']) expect(text).not.toContain(secret);
  });

  test('who pretends to be Next itself gets nothing', async () => {
    const pretences: Record<string, string>[] = [
      { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
      { 'x-middleware-subrequest': 'src/proxy:src/proxy:src/proxy:src/proxy:src/proxy' },
      { 'x-middleware-next': '1' },
      { 'x-invoke-path': '/api/sites', 'x-matched-path': '/api/sites' },
    ];
    for (const headers of pretences)
      expect([headers, (await call('GET', '/api/sites', { headers })).status]).toEqual([headers, 401]);
  });

  test('has the sign-in page with all it needs, and learns that the process lives, not whether it is ready', async () => {
    const page = await call('GET', '/sign-in');
    expect(page.status).toBe(200);
    const files = [...page.text.matchAll(/(?:src|href)="(\/_next\/static\/[^"]+)"/g)].map((match) => match[1]!);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files)
      expect([file, (await call('GET', file.replaceAll('&amp;', '&'))).status]).toEqual([file, 200]);
    expect((await call('GET', '/api/health/live')).status).toBe(200);
    const ready = await call('GET', '/api/health/ready');
    expect([ready.status, ready.headers['content-type']]).toEqual([401, 'application/problem+json']);
  });

  test('gets no further by any method, at any page, route or operation that there is', async () => {
    const app = path.resolve(import.meta.dirname, '../app');
    const routes = readdirSync(app, { recursive: true, encoding: 'utf8' })
      .filter((file) => /^(page|route)\.tsx?$/.test(path.basename(file)))
      .map((file) => path.posix.join('/', path.dirname(file)).replace('[[...path]]', 'nothing'))
      .map((at) => at.replace(/\[\w+\]/g, 'alpha'));
    expect(routes.length).toBeGreaterThan(50);
    const reached = new Set<string>();
    for (const at of routes)
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        // Of an address of its own: those without an identity have a limit.
        const { status, headers } = await call(method, at, { from: '127.0.0.3' });
        if (status === 401 || (status === 303 && /\/sign-in(\?|$)/.test(String(headers.location)))) continue;
        reached.add(`${method} ${at}`);
      }
    const calls = [...reached].filter((one) => !/ \/(sign-in|set-up)$/.test(one)).toSorted();
    expect(calls).toEqual([
      'GET /api/health/live',
      'GET /api/sign-in/oidc',
      'GET /api/sign-in/oidc/callback',
      'HEAD /api/health/live',
      'POST /api/session',
      'POST /api/set-up',
    ]);
  });
});

test('the sample feed still reaches HQ, which asks its own server', async () => {
  await expect
    .poll(
      async () =>
        JSON.parse((await call('GET', '/api/sites/hq/assets?limit=1', { headers: authorization() })).text).assets?.[0]
          ?.status,
      { timeout: 60_000 },
    )
    .toMatch(/downloaded|broadcast/);
});

describe('headers of a proxy', () => {
  const said = { 'x-auth-request-user': 'olga', 'x-auth-request-groups': 'ops' };

  test('are believed from its address', async () => {
    const { status, text } = await call('GET', '/api/session', { headers: said, from: PROXY });
    expect([status, JSON.parse(text)]).toMatchObject([200, { name: 'olga', role: 'operator', via: 'proxy' }]);
    const nobody = await call('GET', '/api/session', {
      headers: { ...said, 'x-auth-request-groups': 'staff' },
      from: PROXY,
    });
    expect(nobody.status).toBe(403);
  });

  test('are refused from any other, whatever it says of itself, and that is in the audit log', async () => {
    const claims: Record<string, string>[] = [
      {},
      { 'x-forwarded-for': PROXY },
      { forwarded: `for=${PROXY}` },
      { 'x-real-ip': PROXY },
      { 'x-fieldline-peer': PROXY },
    ];
    for (const more of claims)
      expect((await call('GET', '/api/session', { headers: { ...said, ...more } })).status).toBe(401);
    const line = (await audit()).find(({ who }: { who: { via: string } }) => who.via === 'proxy header');
    expect(line).toMatchObject({ who: { name: 'olga' }, from: '127.0.0.1', result: 'refused' });
  });

  test('do not free a browser from showing that it means it', async () => {
    const wish = { headers: said, from: PROXY, body: { mode: 'paused' } };
    expect((await call('PUT', '/api/sites/alpha/link', wish)).status).toBe(403);
    const meant = { ...wish, headers: { ...said, 'x-fieldline-csrf': '1' } };
    expect((await call('PUT', '/api/sites/alpha/link', meant)).status).toBe(202);
  });

  test('a client behind it is known by its own address', async () => {
    await call('POST', '/api/session', {
      headers: { 'x-forwarded-for': `203.0.113.9, ${PROXY}` },
      from: PROXY,
      body: { name: 'eve', password: 'a wrong password' },
    });
    expect((await audit())[0]).toMatchObject({ what: 'signIn', result: 'refused', from: '203.0.113.9' });
  });
});

describe('what is too large, too slow, or no HTTP', () => {
  test('a large body is refused, told or streamed', async () => {
    const large = { name: 'x'.repeat(300_000), password: 'y' };
    expect((await call('POST', '/api/session', { body: large })).status).toBe(413);
    expect(
      (await call('POST', '/api/session', { body: large, headers: { 'transfer-encoding': 'chunked' } })).status,
    ).toBe(413);
  });

  test('headers that are too large, or hold line ends, are no request', async () => {
    const answer = await raw(`GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(await raw('GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b\rSet-Cookie: c\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 /,
    );
    expect(
      await raw('GET /sign-in HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    ).toMatch(/^HTTP\/1\.1 400 /);
    const lines = (await audit()).filter(({ what }: { what: string }) => what === 'connection');
    expect(lines.map(({ detail }: { detail: string }) => detail)).toEqual([
      'What came was no HTTP request',
      'What came was no HTTP request',
      'The head of a request was too large',
    ]);
  });

  test('line ends in what is asked for reach no header of an answer', async () => {
    const { status, headers } = await call('GET', '/hq%0d%0aSet-Cookie:%20a=b?next=%0d%0aX-Injected:%20c');
    expect([303, 400, 404]).toContain(status);
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['x-injected']).toBeUndefined();
    const next = await call('GET', '/api/sign-in/oidc?next=%0d%0aX-Injected:%20c');
    expect(next.headers['x-injected']).toBeUndefined();
  });

  test('who sends a request line and no more is given up', async () => {
    expect(await raw('GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')).toMatch(/^HTTP\/1\.1 408 /);
  }, 120_000);
});

test('answers carry what browsers should hold to', async () => {
  const page = await call('GET', '/sign-in');
  const policy = String(page.headers['content-security-policy']);
  const nonce = /'nonce-([^']+)'/.exec(policy)![1]!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  for (const script of page.text.match(/<script[^>]*>/g)!) expect(script).toContain(`nonce="${nonce}"`);
  expect(
    /'nonce-([^']+)'/.exec(String((await call('GET', '/sign-in')).headers['content-security-policy']))![1],
  ).not.toBe(nonce);
  for (const [name, value] of [
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['referrer-policy', 'same-origin'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
  ]) {
    expect(page.headers[name!]).toBe(value);
    expect((await call('GET', '/api/sites', { headers: authorization() })).headers[name!]).toBe(value);
  }
  expect(page.headers['permissions-policy']).toContain('camera=()');
  expect(page.headers['x-powered-by']).toBeUndefined();
});

test('a revoked token ends the stream that it opened', async () => {
  const made = JSON.parse(
    (
      await call('POST', '/api/access/tokens', {
        headers: authorization(),
        body: { name: 'reader', scopes: ['read'], expiresInDays: 1 },
      })
    ).text,
  );
  const response = await fetch(`${installation.url}/api/events`, {
    headers: { authorization: `Bearer ${made.token}` },
  });
  const reader = response.body!.getReader();
  expect((await reader.read()).done).toBe(false);
  expect((await call('DELETE', `/api/access/tokens/${made.id}`, { headers: authorization() })).status).toBe(200);
  for (;;) if ((await reader.read()).done) break;
});

test('no secret is in a log, and the set-up token is gone', () => {
  const run = path.join(installation.directory, 'data/run');
  const logs = readdirSync(run).map((name) => readFileSync(path.join(run, name), 'utf8'));
  for (const text of [...logs, installation.output])
    for (const secret of [ADMIN.password, token.slice(-30)]) expect(text).not.toContain(secret);
  expect(existsSync(path.join(installation.directory, 'data/access/setup-token'))).toBe(false);
});
