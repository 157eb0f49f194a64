import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient } from './client';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function serve(listener: RequestListener): Promise<{ baseUrl: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
function client(options: ConstructorParameters<typeof HttpClient>[0]): HttpClient {
  const made = new HttpClient(options);
  open.unshift(async () => made.close());
  return made;
}

describe('HttpClient', () => {
  it('sends JSON and reads JSON, over one kept connection', async () => {
    const ports = new Set<number | undefined>();
    const { baseUrl } = await serve(async (request, response) => {
      ports.add(request.socket.remotePort);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.end(JSON.stringify({ method: request.method, url: request.url, got: Buffer.concat(chunks).toString() }));
    });
    const http = client({ baseUrl });
    for (let i = 0; i < 5; i++) {
      const answer = await http.json({
        method: 'POST',
        path: '/t/%2Fa%2Fb',
        query: { q: 'a b', no: undefined },
        json: { i },
      });
      expect(answer).toEqual({ method: 'POST', url: '/t/%2Fa%2Fb?q=a+b', got: `{"i":${i}}` });
    }
    expect(ports.size).toBe(1);
  });

  it('says who refused, and that it may be tried again', async () => {
    const { baseUrl, server } = await serve(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const error = await client({ baseUrl })
      .request({ path: '/' })
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retriable: true, details: { reason: 'refused' } });
    expect(error.message).toContain(new URL(baseUrl).host);
  });

  it('tells an unresolved name from a refused connection', async () => {
    await expect(client({ baseUrl: 'http://no-such-host.invalid:1' }).request({ path: '/' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { reason: 'unresolved', host: 'no-such-host.invalid' },
    });
  });

  it('reports a connection cut in the middle of a body, without the secret', async () => {
    const { baseUrl } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    const http = client({ baseUrl, auth: { kind: 'basic', username: 'u', password: 'hunter2' } });
    const response = await http.request({ path: '/' });
    const error = await response.text().catch((e) => e);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', details: { reason: 'reset' } });
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('hunter2');
  });

  it('repeats a GET once when the connection was closed under it, but never a POST', async () => {
    let calls = 0;
    const { baseUrl } = await serve((request, response) => {
      if (++calls === 1) request.socket.destroy();
      else response.end('second');
    });
    const http = client({ baseUrl });
    expect(await (await http.request({ path: '/' })).text()).toBe('second');
    calls = 0;
    await expect(http.request({ method: 'POST', path: '/', json: {} })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(calls).toBe(1);
  });

  it('gives up on a silent server', async () => {
    const { baseUrl } = await serve(() => undefined);
    await expect(client({ baseUrl, idleTimeoutMs: 50 }).request({ path: '/' })).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
  });

  it('gives up on a body that stalls, and on one that never ends', async () => {
    const { baseUrl } = await serve((request, response) => {
      response.writeHead(200);
      response.write('x');
      if (request.url !== '/drip') return;
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    });
    const stalled = await client({ baseUrl, idleTimeoutMs: 50 }).request({ path: '/stall' });
    await expect(stalled.text()).rejects.toMatchObject({ code: 'TIMEOUT' });
    const dripping = await client({ baseUrl, totalTimeoutMs: 150 }).request({ path: '/drip' });
    await expect(dripping.text()).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('does not take a slow reader for a silent server', async () => {
    const { baseUrl } = await serve((_request, response) => response.end(Buffer.alloc(4 * 1024 * 1024)));
    const response = await client({ baseUrl, idleTimeoutMs: 100 }).request({ path: '/', totalTimeoutMs: null });
    let bytes = 0;
    for await (const chunk of response.body) {
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 300));
      bytes += (chunk as Buffer).length;
    }
    expect(bytes).toBe(4 * 1024 * 1024);
  });

  it('aborts by the signal, before and during the answer', async () => {
    const { baseUrl } = await serve((_request, response) => {
      response.writeHead(200);
      response.write('x');
    });
    const http = client({ baseUrl });
    await expect(http.request({ path: '/', signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    const controller = new AbortController();
    const response = await http.request({ path: '/', signal: controller.signal });
    const text = response.text();
    controller.abort();
    await expect(text).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('takes 401 and 403 for failed credentials unless the caller accepts them', async () => {
    const { baseUrl } = await serve((request, response) => {
      response.writeHead(Number(request.url?.slice(1)));
      response.end('why');
    });
    const http = client({ baseUrl });
    await expect(http.request({ path: '/401' })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      details: { status: 401 },
    });
    await expect(http.request({ path: '/403' })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      details: { status: 403 },
    });
    expect(await (await http.request({ path: '/403', accept: [403] })).text()).toBe('why');
    await expect(http.json({ path: '/404' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('why'),
    });
    await expect(http.json({ path: '/507' })).rejects.toMatchObject({ code: 'DISK_FULL' });
  });

  it("takes the embedded fabric's own code from an error's body", async () => {
    const bodies = [
      '{"errors":[{"id":400,"code":"MUTATION_INVALID","message":"no"}]}',
      '{"errors":[{"code":"MADE_UP"}]}',
      '{"errors":',
    ];
    const { baseUrl } = await serve((request, response) => {
      response.writeHead(400);
      response.end(bodies[Number(request.url?.slice(1))]);
    });
    const http = client({ baseUrl });
    await expect(http.json({ path: '/0' })).rejects.toMatchObject({ code: 'MUTATION_INVALID' });
    await expect(http.json({ path: '/1' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(http.json({ path: '/2' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('sends Basic and Bearer credentials', async () => {
    const { baseUrl } = await serve((request, response) =>
      response.end(JSON.stringify(request.headers.authorization ?? null)),
    );
    const http = client({ baseUrl, auth: { kind: 'basic', username: 'mapr', password: 'pä:ss' } });
    expect(await http.json({ path: '/' })).toBe(`Basic ${Buffer.from('mapr:pä:ss').toString('base64')}`);
    expect(await http.json({ path: '/', auth: { kind: 'bearer', token: async () => 't1' } })).toBe('Bearer t1');
    expect(await http.json({ path: '/', auth: null })).toBeNull();
  });

  it('streams a body up, and passes on the error of its source', async () => {
    let received = 0;
    const { baseUrl } = await serve(async (request, response) => {
      received = 0;
      request.on('error', () => undefined);
      for await (const chunk of request) received += (chunk as Buffer).length;
      response.end('{}');
    });
    const http = client({ baseUrl });
    const chunks = Array.from({ length: 64 }, () => Buffer.alloc(64 * 1024, 1));
    await http.json({ method: 'PUT', path: '/', body: Readable.from(chunks) });
    expect(received).toBe(64 * 64 * 1024);
    const failing = Readable.from(
      (async function* () {
        yield Buffer.alloc(10);
        throw new Error('the disk went away');
      })(),
    );
    await expect(http.request({ method: 'PUT', path: '/', body: failing })).rejects.toThrow('the disk went away');
  });

  it('refuses an answer that is no JSON, no HTTP, or too large', async () => {
    const { baseUrl } = await serve((_request, response) => response.end('<html>'));
    const http = client({ baseUrl });
    await expect(http.json({ path: '/' })).rejects.toMatchObject({ code: 'PROTOCOL' });
    await expect((await http.request({ path: '/' })).text(3)).rejects.toMatchObject({ code: 'PROTOCOL' });
    const tcp = createTcpServer((socket) => socket.end('SSH-2.0\r\n'));
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    open.push(async () => void tcp.close());
    const port = (tcp.address() as AddressInfo).port;
    await expect(client({ baseUrl: `http://127.0.0.1:${port}` }).request({ path: '/' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});
