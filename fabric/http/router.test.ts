import { afterEach, beforeEach, expect, it } from 'vitest';
import { RestServer, sendJson } from './router';

let server: RestServer;
let url: string;
beforeEach(async () => {
  server = new RestServer();
  server.hold();
  url = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}/rows/1`;
});
afterEach(() => server.close());

it('says of nothing that it does not exist before every door is there', async () => {
  const early = await fetch(url);
  expect(early.status).toBe(503);
  expect(await early.json()).toMatchObject({ errors: [{ code: 'UNAVAILABLE' }] });

  server.on('GET', '/rows/:id', ({ params }, response) => sendJson(response, 200, params));
  server.release();
  expect(await (await fetch(url)).json()).toEqual({ id: '1' });
  expect((await fetch(`${url}/none`)).status).toBe(404);
});
