/** Kafka Connect's answers, as its REST API gives them, from a small server; the real one is in links.engines.test.ts. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@/lib/clock/clock';
import { checkConnect } from './check';
import { ConnectClient } from './client';
import { CONNECTOR_CLASS } from './connector-config';

type Answer = { status?: number; body?: unknown };
let server: Server;
let baseUrl: string;
let answers: (request: IncomingMessage) => Answer;
let asked: string[];
const impatient = { ...systemClock, sleep: async () => undefined };

beforeEach(async () => {
  asked = [];
  answers = () => ({ status: 404, body: { error_code: 404, message: 'Connector x not found' } });
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const { status = 200, body } = answers(request);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? null));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('what Connect is asked', () => {
  const client = () => new ConnectClient({ baseUrl }, impatient);

  it('is done again while its workers rebalance', async () => {
    answers = () => (asked.length < 3 ? { status: 409, body: { error_code: 409, message: 'rebalance' } } : {});
    await client().pause('a.b');
    expect(asked).toEqual(Array(3).fill('PUT /connectors/a.b/pause'));
    asked.length = 0;
    const expected = 'Request cannot be completed because a rebalance is expected';
    answers = () =>
      asked.length < 3 ? { status: 500, body: { error_code: 500, message: expected } } : { body: { name: 'a' } };
    expect(await client().config('a.b')).toEqual({ name: 'a' });
    expect(asked).toEqual(Array(3).fill('GET /connectors/a.b/config'));
    answers = () => ({ status: 500, body: { error_code: 500, message: 'out of memory' } });
    await expect(client().config('x')).rejects.toMatchObject({ code: 'PROTOCOL' });
    answers = () => ({ status: 409, body: { error_code: 409, message: 'rebalance expected' } });
    await expect(client().resume('x')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('fails with the first line of what Connect says', async () => {
    const message = 'Connector configuration is invalid and contains the following 1 error(s):\nMissing "topics"\n';
    answers = () => ({ status: 400, body: { error_code: 400, message } });
    const failure = client().configure('x', {});
    await expect(failure).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(failure).rejects.toThrow(
      /^Kafka Connect at 127\.0\.0\.1:\d+: Connector configuration is invalid .*:$/,
    );
  });

  it('has nothing of a connector that is not there', async () => {
    expect(await client().config('x')).toBeNull();
    expect(await client().status('x')).toBeNull();
    expect(await client().carried('x')).toEqual([]);
    await client().remove('x');
  });

  it("reads offsets of MirrorMaker's form, and passes over others", async () => {
    const mirrored = { partition: { cluster: 'hq', topic: 't', partition: 1 }, offset: { offset: 41 } };
    const others = [
      { partition: { file: 'f' }, offset: { position: 1 } },
      { ...mirrored, offset: null },
    ];
    answers = () => ({ body: { offsets: [mirrored, ...others] } });
    expect(await client().carried('x')).toEqual([{ topic: 't', partition: 1, offset: 41 }]);
  });

  it('restarts what failed, and nothing else', async () => {
    answers = () => ({ status: 202, body: {} });
    await client().restartFailed('x');
    expect(asked).toEqual(['POST /connectors/x/restart?includeTasks=true&onlyFailed=true']);
  });
});

describe('the check of the door', () => {
  const well = (version: string, plugins = [{ class: CONNECTOR_CLASS, type: 'source', version }]) => {
    answers = ({ url }) =>
      url === '/connector-plugins' ? { body: plugins } : { body: { version, commit: 'c', kafka_cluster_id: 'K' } };
  };

  it('tells what is there', async () => {
    well('4.3.1');
    expect(await checkConnect({ baseUrl })).toEqual({ version: '4.3.1', mirrorVersion: '4.3.1', clusterId: 'K' });
  });

  it('says what is wrong', async () => {
    well('4.3.1', []);
    await expect(checkConnect({ baseUrl })).rejects.toThrow(/has no MirrorMaker 2/);
    well('3.4.0');
    await expect(checkConnect({ baseUrl })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    answers = () => ({ body: { hello: 'world' } });
    await expect(checkConnect({ baseUrl })).rejects.toMatchObject({ code: 'PROTOCOL' });
    answers = () => ({ body: '<html>' });
    await expect(checkConnect({ baseUrl })).rejects.toMatchObject({ code: 'PROTOCOL' });
    answers = ({ headers }) => (headers.authorization ? { status: 403 } : { status: 401 });
    await expect(checkConnect({ baseUrl })).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    const auth = { kind: 'basic', username: 'u', password: 'secret-word' } as const;
    const refused = checkConnect({ baseUrl, auth });
    await expect(refused).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    await expect(refused).rejects.not.toThrow(/secret-word/);
  });

  it('tells apart why nobody answers', async () => {
    const reasonOf = (url: string) => checkConnect({ baseUrl: url }).catch((error) => error.details.reason);
    expect(await reasonOf('http://127.0.0.1:1')).toBe('refused');
    expect(await reasonOf('http://no-such-host.invalid:8083')).toBe('unresolved');
  });
});
