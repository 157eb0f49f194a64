import { afterEach, expect, it } from 'vitest';
import { makeVerifiers } from '@/lib/sasl/scram';
import { DoorAuth } from '../http/auth';
import { RestServer, sendJson } from '../http/router';
import { registerEnrolDoor } from './enrolment';
import { grantsOf, SITE, testAccess } from './testing';

const servers: RestServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function doors() {
  const access = await testAccess();
  const server = new RestServer();
  servers.push(server);
  registerEnrolDoor(server, { access, siteId: 'hq', restAddress: 'hq.example:1', certificate: null });
  const auth = new DoorAuth(access);
  auth.protect(server).on('GET', '/door', (_request, response) => sendJson(response, 200, {}));
  const base = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  const verifiers = await makeVerifiers('the password of alpha');
  const enrol = async (secret: string, id: string) => {
    const body = JSON.stringify({ id, secret, verifiers });
    return (await fetch(`${base}/enrol`, { method: 'POST', body, headers: { 'content-type': 'application/json' } }))
      .status;
  };
  const knock = async (password: string) => {
    const authorization = `Basic ${Buffer.from(`${SITE.username}x:${password}`).toString('base64')}`;
    const response = await fetch(`${base}/door`, { headers: { authorization } });
    return { status: response.status, text: await response.text() };
  };
  return { access, enrol, knock };
}

it('looks at no more tokens from an address whose guesses have failed, right ones neither', async () => {
  const { access, enrol } = await doors();
  const { id, secret } = await access.registry.invite('alpha', grantsOf('alpha'), 60_000);
  for (let guess = 0; guess < 10; guess++) expect(await enrol(`guess ${guess}`, id)).toBe(401);
  expect(await enrol(secret, id)).toBe(503);
  const failed = access.audit.after(0, undefined).filter(({ kind }) => kind === 'enrolment failed');
  expect(failed).toMatchObject([{ count: 10 }]);
});

it('takes a right one that comes after fewer', async () => {
  const { access, enrol } = await doors();
  const { id, secret } = await access.registry.invite('alpha', grantsOf('alpha'), 60_000);
  for (let guess = 0; guess < 9; guess++) await enrol(`guess ${guess}`, id);
  expect(await enrol(secret, id)).toBe(200);
});

it('looks at no more passwords of a name from an address after many have failed', async () => {
  const { knock } = await doors();
  for (let guess = 0; guess < 10; guess++) expect((await knock(`guess ${guess}`)).text).not.toContain('Too many');
  const { status, text } = await knock('guess 10');
  expect([status, text]).toEqual([expect.any(Number), expect.stringContaining('Too many attempts')]);
});
