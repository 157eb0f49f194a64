/** Calls of the API through its handlers, good and bad, on a mission in memory. */

import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ZodType } from 'zod';
import { openApiDocument } from '@/lib/api/openapi';
import { OPERATIONS, type OperationId } from '@/lib/api/operations';
import { type Problem, ProblemSchema } from '@/lib/api/schemas';
import { VOLUMES } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import type { Runtime } from '@/services/contract';
import { createMemoryMission, type MemoryMission } from '@/services/testing/memory-mission';
import { BODY_BYTES_MAX } from './_lib/body';
import { apiRoutes, createTestClient } from './_lib/test-client';

const holder = vi.hoisted(() => ({ runtime: null as Runtime | null }));
vi.mock('@/services/runtime/global', () => ({
  getRuntime: () => {
    if (!holder.runtime) throw new FieldlineError('UNAVAILABLE', 'not started');
    return holder.runtime;
  },
}));

const logged = vi.hoisted(() => ({ failures: [] as unknown[] }));
vi.mock('./_lib/log', () => ({
  logFailure: (error: unknown) => logged.failures.push(error),
  logRefusal: () => undefined,
  logStreamFailure: (error: unknown) => logged.failures.push(error),
}));

let mission: MemoryMission;
let call: ReturnType<typeof createTestClient>;
beforeAll(async () => {
  call = createTestClient(await apiRoutes());
});
beforeEach(async () => {
  mission = await createMemoryMission();
  holder.runtime = mission.runtime;
});
afterEach(() => mission.stop());

const send = (method: string, target: string, body?: unknown, headers: Record<string, string> = {}) =>
  call(target, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

async function problem(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const parsed = ProblemSchema.parse(await response.json());
  expect(parsed.status).toBe(response.status);
  return parsed;
}

/** The answer, checked against the operation's status and schema. */
async function good(id: OperationId, response: Response) {
  expect([id, response.status]).toEqual([id, OPERATIONS[id].status]);
  const body = await response.json();
  (OPERATIONS[id].answer as ZodType).parse(body);
  return body;
}

describe('good calls', () => {
  test('an edge beside its HQ is enrolled by nothing, and takes no token', async () => {
    expect(await good('getEnrolment', await call('/api/sites/alpha/enrolment'))).toEqual({
      reason: expect.stringContaining('one installation'),
      enrolled: null,
    });
    const refused = await send('POST', '/api/sites/alpha/enrolment', { token: 'fl1.body.check' });
    const { status, code } = await problem(refused);
    expect([status, code]).toEqual([501, 'UNSUPPORTED']);
    expect((await send('POST', '/api/sites/hq/enrolment', { token: 'fl1.body.check' })).status).toBe(404);
    expect((await call('/api/sites/hq/enrolment')).status).toBe(404);
  });

  test('sites, services, links and mirrors are as openapi.json says', async () => {
    await good('listSites', await call('/api/sites'));
    await good('listServices', await call('/api/sites/alpha/services'));
    await good('getService', await call('/api/sites/hq/services/downloader'));
    const stop = { desired: 'stopped', logLevel: 'info' };
    const service = await good('updateService', await send('PUT', '/api/sites/hq/services/downloader', stop));
    expect(service).toMatchObject(stop);
    await good('getLink', await call('/api/sites/alpha/link'));
    const paused = await good('updateLink', await send('PUT', '/api/sites/alpha/link', { mode: 'paused' }));
    expect(paused.state).toBe('paused');
    await good('getMirror', await call('/api/sites/alpha/mirror?refresh=true'));
    await good('startMirror', await send('POST', '/api/sites/alpha/mirror'));
    await good('stopMirror', await send('DELETE', '/api/sites/alpha/mirror'));
    await good('listDeadLetters', await call('/api/sites/hq/dead-letters?limit=5'));
  });

  test('assets are listed, asked for and withdrawn', async () => {
    await mission.addEdgeAsset('a');
    const page = await good('listAssets', await call('/api/sites/alpha/assets?q=title&status=available&limit=1'));
    expect(page).toMatchObject({ total: 1, assets: [{ id: 'a' }] });
    await good('getAsset', await call('/api/sites/alpha/assets/a'));
    const made = await good('createRequests', await send('POST', '/api/sites/alpha/requests', { assetIds: ['a'] }));
    const { id } = made.requests[0];
    await good('listRequests', await call('/api/sites/alpha/requests'));
    await good('cancelRequest', await send('DELETE', `/api/sites/alpha/requests/${id}`));
  });

  test('a failed asset of HQ is tried again, one that has not failed is not', async () => {
    await mission.addHqAsset('a', { status: 'failed', reason: 'the server said 404', file: null });
    const asset = await good('retryAsset', await send('POST', '/api/sites/hq/assets/a/retry'));
    expect(asset).toMatchObject({ status: 'announced', reason: null });
    expect(mission.hq.wakes).toEqual(['downloader: tried again']);
    expect((await send('POST', '/api/sites/hq/assets/a/retry')).status).toBe(409);
    expect((await send('POST', '/api/sites/alpha/assets/a/retry')).status).toBe(404);
  });

  test('content has what a browser and a resumed download need', async () => {
    await mission.addHqAsset('a', {}, Buffer.from('0123456789'));
    const whole = await call('/api/sites/hq/assets/a/content');
    expect(whole.status).toBe(200);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'content-type': 'image/jpeg',
      // What the server makes of it: lib/http/incoming.
      'x-fieldline-body-length': '10',
      'cache-control': 'private, no-cache, no-transform',
      'content-disposition': "inline; filename*=UTF-8''a.jpg",
      'x-content-type-options': 'nosniff',
    });
    expect(await whole.text()).toBe('0123456789');
    const etag = whole.headers.get('etag')!;
    const part = await call('/api/sites/hq/assets/a/content', { headers: { range: 'bytes=-2', 'if-range': etag } });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 8-9/10', '89']);
    const known = await call('/api/sites/hq/assets/a/content', { headers: { 'if-none-match': etag } });
    expect([known.status, await known.text()]).toEqual([304, '']);
    const beyond = await call('/api/sites/hq/assets/a/content', { headers: { range: 'bytes=10-' } });
    expect(beyond.headers.get('content-range')).toBe('bytes */10');
    expect((await problem(beyond)).code).toBe('RANGE_UNSATISFIABLE');
    const preview = await call('/api/sites/hq/assets/a/preview');
    expect([preview.headers.get('content-type'), await preview.text()]).toEqual(['image/webp', 'tiny a']);
  });

  test('HEAD is GET without the body, and leaves no file open', async () => {
    await mission.addHqAsset('a', {}, Buffer.from('0123456789'));
    const { volumes } = mission.hq.ports;
    const get = volumes.get;
    let stream: { destroyed: boolean } | undefined;
    volumes.get = async (...parameters) => {
      const content = await get(...parameters);
      stream = content?.stream;
      return content;
    };
    const response = await call('/api/sites/hq/assets/a/content', { method: 'HEAD' });
    expect([response.status, response.headers.get('x-fieldline-body-length'), await response.text()]).toEqual([
      200,
      '10',
      '',
    ]);
    expect(stream?.destroyed).toBe(true);
  });

  test.each(['text/html', 'image/svg+xml', 'application/octet-stream'])(
    'a file of type %s is saved, never run on this origin',
    async (mediaType) => {
      const row = await mission.addHqAsset('a');
      await mission.addHqAsset('a', { file: { ...row.file!, mediaType } });
      const response = await call('/api/sites/hq/assets/a/content');
      expect(response.headers.get('content-disposition')).toMatch(/^attachment/);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    },
  );

  test('a name that could break a header is encoded', async () => {
    const content = Buffer.from('x');
    const row = await mission.addHqAsset('a', {}, content);
    const fileName = 'naïve "quoted".jpg';
    await mission.hq.ports.volumes.put(VOLUMES.assets, `a/${fileName}`, content);
    await mission.addHqAsset('a', { file: { ...row.file!, fileName } }, content);
    const response = await call('/api/sites/hq/assets/a/content');
    expect(response.headers.get('content-disposition')).toBe("inline; filename*=UTF-8''na%C3%AFve%20%22quoted%22.jpg");
  });

  test('openapi.json, health and metrics answer', async () => {
    expect(await (await call('/api/openapi.json')).json()).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
    await good('live', await call('/api/health/live'));
    await good('ready', await call('/api/health/ready'));
    expect(await (await call('/metrics')).text()).toContain('fieldline_service_state');
  });
});

describe('bad calls', () => {
  test.each([
    ['/api/sites/bravo/services', 'site'],
    ['/api/sites/Not a site!/services', 'site'],
    ['/api/sites/hq/services/listener', 'service'],
    ['/api/sites/hq/services/nonsense', 'service'],
    ['/api/sites/hq/assets/nothing', 'asset'],
    ['/api/sites/hq/assets/..%2f..%2fetc', 'id'],
    ['/api/sites/hq/assets/nothing/content', 'asset'],
    ['/api/sites/hq/assets/nothing/preview', 'asset'],
    ['/api/sites/hq/link', 'edge'],
    ['/api/sites/hq/mirror', 'edge'],
    ['/api/events?site=bravo', 'site'],
  ])('%s is a 404 problem', async (target, word) => {
    const found = await problem(await call(target));
    expect(found).toMatchObject({ status: 404, code: 'NOT_FOUND', title: 'Not Found' });
    expect(found.detail).toContain(word);
  });

  test('names what there is where a name is none of a few', async () => {
    const found = await problem(await call('/api/sites/hq/services/nonsense'));
    expect(found.detail).toBe('There is no service "nonsense"');
    expect(found.remedy).toMatch(/^There are feed-ingest, downloader,.* viewer$/);
  });

  test.each([
    ['GET', '/api/sites/alpha/assets?limit=0', undefined, 'limit'],
    ['GET', '/api/sites/alpha/assets?limit=abc', undefined, 'limit'],
    ['GET', '/api/sites/alpha/assets?sort=random', undefined, 'sort'],
    ['GET', '/api/sites/alpha/assets?kind=song', undefined, 'kind'],
    ['GET', '/api/sites/alpha/mirror?refresh=maybe', undefined, 'refresh'],
    ['PUT', '/api/sites/hq/services/downloader', {}, ''],
    ['PUT', '/api/sites/hq/services/downloader', { desired: 'dancing' }, 'desired'],
    ['PUT', '/api/sites/alpha/link', { conditions: { cut: true } }, 'conditions.latencyMs'],
    ['PUT', '/api/sites/alpha/link', { mode: 'paused', anew: true }, 'anew'],
    ['PUT', '/api/sites/alpha/link', { mode: 'up', direction: 'outbound', anew: true }, 'anew'],
    ['POST', '/api/sites/alpha/requests', { assetIds: [] }, 'assetIds'],
    ['POST', '/api/sites/alpha/requests', { assetIds: ['UPPER CASE'] }, 'assetIds.0'],
    ['POST', '/api/sites/alpha/requests', [], ''],
    ['POST', '/api/sites/alpha/requests', null, ''],
  ])('%s %s with %j names the field "%s"', async (method, target, body, path) => {
    const found = await problem(await send(method, target, body));
    expect(found).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(found.errors?.map((error) => error.path)).toContain(path);
  });

  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    call('/api/sites/alpha/requests', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });

  test.each(['{"assetIds":', '', 'null null', '\u0000\u0001'])(
    'a body that is not JSON is a 400 problem: %j',
    async (body) => {
      expect(await problem(await post(body))).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    },
  );

  test('a body of another type is refused, as a form of another site would send it', async () => {
    const form = await post('assetIds=a', { 'content-type': 'application/x-www-form-urlencoded' });
    expect((await problem(form)).status).toBe(415);
    expect((await problem(await post('{}', { 'content-type': 'text/plain' }))).status).toBe(415);
  });

  test('a body above the limit is refused, declared or not', async () => {
    const big = 'x'.repeat(BODY_BYTES_MAX + 1);
    expect((await problem(await post(big, { 'content-length': String(big.length) }))).status).toBe(413);
    expect((await problem(await post(big))).status).toBe(413);
  });

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://localhost:9999' }],
    ['a sandboxed page', { origin: 'null' }],
    ['a request that a browser marks as cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['a name that points here (DNS rebinding)', { host: 'evil.example', origin: 'http://evil.example' }],
  ])('a change from %s is forbidden', async (_name, headers) => {
    const response = await send('PUT', '/api/sites/hq/services/downloader', { desired: 'stopped' }, headers);
    expect(await problem(response)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(mission.runtime.sites.get('hq')?.supervisor.get('downloader')?.desired).toBe('running');
  });

  test.each([
    ['its own page', { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }],
    ['a program', {}],
    ['the loopback address', { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000' }],
    ['the IPv6 loopback address', { host: '[::1]:3000', origin: 'http://[::1]:3000' }],
  ])('a change from %s is taken', async (_name, headers) => {
    const response = await send('PUT', '/api/sites/hq/services/downloader', { logLevel: 'info' }, headers);
    expect(response.status).toBe(202);
  });

  test('reading by a foreign name is forbidden too: it would show everything to the page that has that name', async () => {
    expect((await call('/api/sites', { headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await call('/api/events', { headers: { host: 'evil.example' } })).status).toBe(403);
  });

  test('conflicts are 409, an unreachable fabric 503 with when to come again', async () => {
    await mission.addEdgeAsset('a', { status: 'delivered' });
    const conflict = await send('POST', '/api/sites/alpha/requests', { assetIds: ['a'] });
    expect(await problem(conflict)).toMatchObject({ status: 409, code: 'CONFLICT' });
    mission.alpha.faults.setReachable(false, 'alpha answers nothing');
    const down = await call('/api/sites/alpha/assets');
    expect(down.headers.get('retry-after')).not.toBeNull();
    expect(await problem(down)).toMatchObject({ status: 503, detail: 'alpha answers nothing' });
  });

  test('a failure that nobody foresaw is logged, and does not tell the client its text', async () => {
    const failure = new Error('secret: hunter2');
    mission.hq.ports.tables.get = () => Promise.reject(failure);
    const response = await call('/api/sites/hq/assets/a');
    const found = await problem(response);
    expect(found).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(JSON.stringify(found)).not.toContain('hunter2');
    expect(logged.failures).toEqual([failure]);
  });

  test('a process that is not started is alive and not ready', async () => {
    holder.runtime = null;
    expect((await call('/api/health/live')).status).toBe(200);
    expect(await problem(await call('/api/health/ready'))).toMatchObject({ status: 503, detail: 'not started' });
  });
});

describe('GET /api/events', () => {
  test('sends a snapshot, then what a call changes; the end of the request ends it', async () => {
    const abort = new AbortController();
    const response = await call('/api/events', { signal: abort.signal });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain('event: snapshot\ndata: {"sites":');
    await send('PUT', '/api/sites/alpha/link', { mode: 'paused' });
    let text = '';
    while (!text.includes('event: link')) text += (await reader.read()).value;
    abort.abort();
    expect(await reader.read()).toMatchObject({ done: true });
  });

  test('resumes behind the last event, by header or by query', async () => {
    const lastEventId = mission.runtime.events.lastId;
    await send('PUT', '/api/sites/alpha/link', { mode: 'paused' });
    for (const init of [
      { target: '/api/events', headers: new Headers({ 'last-event-id': lastEventId }) },
      { target: `/api/events?lastEventId=${lastEventId}&site=alpha`, headers: new Headers() },
    ]) {
      const response = await call(init.target, { headers: init.headers });
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      const { value } = await reader.read();
      expect(value).toContain('event: link');
      expect(value).not.toContain('event: snapshot');
      await reader.cancel();
    }
  });
});
