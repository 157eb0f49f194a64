import { request } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RestServer, sendJson } from './router';

let server: RestServer;
let port: number;
let removed: number;
beforeEach(async () => {
  removed = 0;
  server = new RestServer(undefined, 'hq.example');
  server.on(['GET', 'POST'], '/rest/volume/remove', (_request, response) => {
    removed++;
    sendJson(response, 200, {});
  });
  port = await server.listen('127.0.0.1', 0);
});
afterEach(() => server.close());

function ask(method: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path: '/rest/volume/remove?name=x', method, headers },
      (response) => {
        response.resume();
        resolve(response.statusCode!);
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

it.each([
  ['a form of a page elsewhere', 'POST', { origin: 'https://page.example' }],
  ['a page without an origin', 'POST', { origin: 'null' }],
  ['a page on another port of this machine', 'POST', { origin: 'http://127.0.0.1:3000' }],
  ['a picture of a page elsewhere', 'GET', { 'sec-fetch-site': 'cross-site' }],
  ['a page whose name was pointed here', 'GET', { host: 'page.example:18443' }],
])('%s is refused before anything is done', async (_what, method, headers) => {
  expect(await ask(method, headers as unknown as Record<string, string>)).toBe(403);
  expect(removed).toBe(0);
});

it.each([{}, { host: 'localhost:18443' }, { host: '[::1]:18443' }, { host: 'HQ.example:18443' }])(
  'a program that asks with %j is served',
  async (headers) => {
    expect(await ask('POST', headers as Record<string, string>)).toBe(200);
    expect(removed).toBe(1);
  },
);

it('a person who types the address is served, and so is every name where others are let in', async () => {
  expect(await ask('GET', { 'sec-fetch-site': 'none' })).toBe(200);
  await server.close();
  server = new RestServer();
  server.on('GET', '/rest/volume/remove', (_request, response) => sendJson(response, 200, {}));
  port = await server.listen('0.0.0.0', 0);
  expect(await ask('GET', { host: 'fabric.field.svc' })).toBe(200);
});
