/** HQ as an edge dials it, tried at a real fabric whose doors ask everybody, in TLS, and at one that asks nobody. */
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEdgeAccess } from '../drivers/edge-access';
import { FabricProcess, temporaryDirectory } from '../drivers/testing/fabric-process';
import { type GuardedSite, guardedSite, OWN } from '../drivers/testing/guarded-site';
import { acceptEnrolment, type EdgeCredential } from '../enrolment/accept';
import { readToken } from '../enrolment/token';
import { asCheckFailure, checkUpstream } from '.';
import type { UpstreamVisitor } from './upstream';

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
let hq: GuardedSite;
let open: FabricProcess;
const enrolled: Record<string, EdgeCredential> = {};

beforeAll(async () => {
  temporary = await temporaryDirectory();
  hq = await guardedSite('hq', path.join(temporary.directory, 'hq'));
  await hq.fabric.start();
  open = await new FabricProcess('hq', path.join(temporary.directory, 'open', 'hq')).start();
  const auth = { kind: 'basic', ...OWN } as const;
  const access = createEdgeAccess({ baseUrl: hq.fabric.baseUrl, mission: 'missionx', auth, ca: hq.ca });
  for (const edge of ['alpha', 'bravo'])
    enrolled[edge] = await acceptEnrolment(readToken((await access.invite(edge)).token));
  await access.close();
}, 120_000);
afterAll(async () => {
  await Promise.all([hq?.fabric.kill(), open?.kill()]);
  await temporary?.remove();
});

const at = (address: string) => ({ host: '127.0.0.1', port: Number(address.split(':')[1]) });
async function codeAt(address: string, visitor: Partial<UpstreamVisitor>): Promise<string> {
  try {
    await checkUpstream(at(address), { mission: 'missionx', site: 'alpha', ...visitor });
    return 'ok';
  } catch (error) {
    const { code, message, remedy } = asCheckFailure(error);
    expect(`${message} ${remedy}`).not.toContain('secret');
    return code;
  }
}
const as = ({ username, password }: EdgeCredential, mechanism = 'scram-sha-512' as const) => ({
  tls: { ca: hq.ca },
  sasl: { mechanism, username, password },
});

it.each(['rest', 'kafka'] as const)('tries the credentials too, at the %s door', async (door) => {
  const address = hq.fabric[door];
  expect(await codeAt(address, as(enrolled.alpha!))).toBe('ok');
  expect(await codeAt(address, as({ username: 'alpha', password: 'a secret that is wrong' }))).toBe('credentials');
  expect(await codeAt(address, as({ username: 'nobody', password: 'secret' }))).toBe('credentials');
  expect(await codeAt(address, { tls: { ca: hq.ca } })).toBe('credentials');
  expect(await codeAt(address, { tls: {} })).toBe('certificate-authority');
  expect(await codeAt(address, {})).toBe('wrong-service');
});

it('says that another edge may not have what is staged for this one', async () => {
  for (const door of ['rest', 'kafka'] as const)
    expect([door, await codeAt(hq.fabric[door], as(enrolled.bravo!))]).toEqual([door, 'not-authorised']);
});

it('takes an HQ that asks nobody, and names what is no HQ', async () => {
  expect(await codeAt(open.rest, {})).toBe('ok');
  expect(await codeAt(open.kafka, {})).toBe('ok');
  expect(await codeAt('127.0.0.1:1', {})).toBe('refused');
});
