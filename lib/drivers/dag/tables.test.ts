import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createDagTables } from '.';

/** A door that only records what it is asked, for what can not be seen from the outside; the conformance of the driver is tested at the real door. */
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function door(
  answer: (method: string, url: string, authorization: string | undefined) => { status: number; body?: string },
) {
  const seen: string[] = [];
  const server = createServer(async (request, response) => {
    request.resume();
    seen.push(`${request.method} ${request.url}`);
    const { status, body = '' } = answer(request.method!, request.url!, request.headers.authorization);
    response.writeHead(status);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => server.close(resolve)));
  return { seen, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('the DAG driver', () => {
  it('writes the table path as one segment and keeps ids whole', async () => {
    const { seen, baseUrl } = await door(() => ({ status: 200, body: '{"_id":"a/b"}' }));
    const tables = createDagTables({ baseUrl, mission: 'missionx', extensions: [] });
    open.unshift(() => tables.close());
    expect(await tables.get('assets', 'a/b')).toEqual({ _id: 'a/b' });
    expect(seen).toEqual(['GET /api/v2/table/%2Fmissionx%2Fassets/document/a%2Fb?withTags=false']);
  });

  it('gets one token for many calls, and a new one when it has expired', async () => {
    let issued = 0;
    let valid = '';
    const { seen, baseUrl } = await door((method, url, authorization) => {
      if (url === '/auth/v2/token') {
        if (authorization !== `Basic ${Buffer.from('mapr:secret').toString('base64')}`) return { status: 401 };
        valid = `t${++issued}`;
        return { status: 200, body: JSON.stringify({ token: valid }) };
      }
      return authorization === `Bearer ${valid}` && method === 'GET'
        ? { status: 200, body: '{"_id":"x"}' }
        : { status: 401 };
    });
    const tables = createDagTables({
      baseUrl,
      mission: 'm',
      extensions: [],
      auth: { username: 'mapr', password: 'secret' },
    });
    open.unshift(() => tables.close());
    await Promise.all(Array.from({ length: 10 }, () => tables.get('t', 'x')));
    expect(issued).toBe(1);
    valid = 'expired meanwhile';
    await Promise.all(Array.from({ length: 10 }, () => tables.get('t', 'x')));
    expect(issued).toBe(2);
    expect(seen.filter((line) => line.startsWith('POST')).length).toBe(2);

    const wrong = createDagTables({
      baseUrl,
      mission: 'm',
      extensions: [],
      auth: { username: 'mapr', password: 'wrong' },
    });
    open.unshift(() => wrong.close());
    await expect(wrong.get('t', 'x')).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  });

  it('looks once for extensions, and takes a server without the answer for a cluster', async () => {
    const { seen, baseUrl } = await door((_method, url) =>
      url.startsWith('/rest')
        ? { status: 404, body: '<html>' }
        : { status: 200, body: '{"DocumentStream":[{"_id":"a"},{"_id":"b"}]}' },
    );
    const tables = createDagTables({ baseUrl, mission: 'm' });
    open.unshift(() => tables.close());
    expect(await tables.count('t')).toBe(2);
    expect(await tables.count('t')).toBe(2);
    expect(seen.filter((line) => line === 'GET /rest/dashboard/info')).toHaveLength(1);
    expect(seen.at(-1)).toContain('fields=_id');
  });

  it('uses what the fabric announces', async () => {
    const { seen, baseUrl } = await door((_method, url) =>
      url.startsWith('/rest')
        ? { status: 200, body: '{"status":"OK","data":[{"extensions":["tables.count"]}]}' }
        : { status: 200, body: '{"count":7}' },
    );
    const tables = createDagTables({ baseUrl, mission: 'm' });
    open.unshift(() => tables.close());
    expect(await tables.count('t')).toBe(7);
    expect(seen.at(-1)).toBe('POST /api/v2/table/%2Fm%2Ft?mode=count');
  });

  it('asks again for extensions after the server was away', async () => {
    let up = false;
    const { baseUrl } = await door((_method, url) =>
      url.startsWith('/rest') && !up
        ? { status: 503 }
        : { status: 200, body: '{"data":[{"extensions":["tables.count"]}],"count":1}' },
    );
    const tables = createDagTables({ baseUrl, mission: 'm' });
    open.unshift(() => tables.close());
    await expect(tables.count('t')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    up = true;
    expect(await tables.count('t')).toBe(1);
  });
});
