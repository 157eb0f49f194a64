import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditEntry } from '@/lib/api/access-schemas';
import { answerBadRequests } from './bad-requests';

let server: Server;
let noted: Omit<AuditEntry, 'at'>[];
beforeEach(async () => {
  noted = [];
  server = createServer({ connectionsCheckingInterval: 50, headersTimeout: 100 }, (_request, response) => {
    response.end('served');
  });
  for (const _again of [1, 2]) answerBadRequests(server, (entry) => noted.push(entry));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => server.close());

/** Bytes as they are, and what comes back until the server closes. */
const raw = (text: string) =>
  new Promise<string>((resolve, reject) => {
    let answer = '';
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });

test.each([
  ['431', 'The head of a request was too large', `GET / HTTP/1.1\r\nHost: a\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['400', 'What came was no HTTP request', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\rSet-Cookie: c\r\n\r\n'],
  ['400', 'What came was no HTTP request', '\x16\x03\x01\x02\x00\x01\x00'],
  ['408', 'A request was not whole in time', 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '],
])('is answered with %s, and told: %s', async (status, detail, bytes) => {
  expect(await raw(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(noted).toEqual([
    {
      who: { id: '', name: '', via: '' },
      from: '127.0.0.1',
      what: 'connection',
      target: {},
      result: 'refused',
      code: 'REQUEST_INVALID',
      detail,
    },
  ]);
});

test('does not mix its answer with one that was given, and lets requests pass', async () => {
  const answer = await raw('GET / HTTP/1.1\r\nHost: a\r\n\r\nno request\r\n\r\n');
  expect(answer).toContain('served');
  expect(answer).not.toContain('400');
  expect(noted).toHaveLength(1);
  const good = await raw('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(good).toContain('served');
  expect(noted).toHaveLength(1);
});
