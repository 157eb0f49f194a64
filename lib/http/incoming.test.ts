import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NodeNextRequest, NodeNextResponse } from 'next/dist/server/base-http/node';
import { sendResponse } from 'next/dist/server/send-response';
import { afterEach, describe, expect, it } from 'vitest';
import { attendRequests, BODY_LENGTH_HEADER, readableTarget } from './incoming';

attendRequests();
let server: Server;
afterEach(() => server.close());

async function ask(path: string, listener: RequestListener) {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [answer] = (await once(get({ port, path, agent: false }), 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of answer) body += chunk;
  return { headers: answer.headers, body };
}

describe('a request', () => {
  it.each([
    ['/api/sites/%E0%A4%A', '/api/sites/%25E0%25A4%25A'],
    ['/edge/%zz?q=%zz', '/edge/%25zz?q=%zz'],
    ['/a%20b/%', '/a%20b/%25'],
    ['/%C3%A4/%ff/x', '/%C3%A4/%25ff/x'],
  ])('for %s is read as %s', async (sent, read) => {
    const { body } = await ask(sent, (request, response) => response.end(request.url));
    expect(body).toBe(read);
    expect(() => decodeURIComponent(read.split('?')[0]!)).not.toThrow();
  });

  it.each(['/', '/edge/alpha?q=%zz', '/%C3%A4/b%2Fc', '*'])('for %s stays as it is', (target) => {
    expect(readableTarget(target)).toBe(target);
  });
});

describe('an answer', () => {
  it('has the length that its route has announced', async () => {
    const { headers, body } = await ask('/', (_, response) => {
      response.setHeader(BODY_LENGTH_HEADER, '10');
      response.write('01234');
      response.end('56789');
    });
    expect(body).toBe('0123456789');
    expect(headers['content-length']).toBe('10');
    expect(headers['transfer-encoding']).toBeUndefined();
    expect(headers[BODY_LENGTH_HEADER]).toBeUndefined();
  });

  it('has it through the hands of Next, which takes the length off that a route gives', async () => {
    const { headers, body } = await ask('/', (request, response) => {
      const answer = new Response('0123456789', { headers: { [BODY_LENGTH_HEADER]: '10', 'content-length': '10' } });
      void sendResponse(new NodeNextRequest(request), new NodeNextResponse(response), answer);
    });
    expect(body).toBe('0123456789');
    expect(headers['content-length']).toBe('10');
    expect(headers['transfer-encoding']).toBeUndefined();
  });

  it('has none where the body is encoded, or nothing was announced', async () => {
    const encoded = await ask('/', (_, response) => {
      response.setHeader(BODY_LENGTH_HEADER, '10');
      response.setHeader('content-encoding', 'gzip');
      response.write('xyz');
      response.end();
    });
    expect(encoded.headers['content-length']).toBeUndefined();
    expect(encoded.headers[BODY_LENGTH_HEADER]).toBeUndefined();
    server.close();
    const plain = await ask('/', (_, response) => {
      response.write('a');
      response.end();
    });
    expect(plain.headers['transfer-encoding']).toBe('chunked');
  });
});
