/** HQ and two edges in processes of their own, over TLS, each with its own credential. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig, readEnrolment, writeEnrolment } from '@/lib/config';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import { FabricProcess, temporaryDirectory } from '@/lib/drivers/testing/fabric-process';
import { type GuardedSite, guardedSite } from '@/lib/drivers/testing/guarded-site';
import { acceptEnrolment, type EdgeCredential } from '@/lib/enrolment/accept';
import { type EnrolmentToken, readToken, writeToken } from '@/lib/enrolment/token';
import { HttpClient } from '@/lib/http';
import type { DoorEvent, EdgeAccess } from '@/lib/ports';
import type { Runtime } from './contract';
import { createRequests } from './operations/requests';
import { EdgeAssetRow } from './rows';
import { createPorts } from './runtime/ports';
import { createRuntime } from './runtime/runtime';
import { definitionsWith } from './testing/memory-runtime';
import { quietSink } from './testing/quiet-sink';
import { entry, sampleDownloads, sampleFeed, sampleItem } from './testing/samples';

const WAIT = { timeout: 50_000, interval: 100 };
const EDGES = ['alpha', 'bravo'] as const;
type Edge = (typeof EDGES)[number];

let directory: string;
let remove: () => Promise<void>;
let hq: GuardedSite;
let hqRuntime: Runtime;
let access: EdgeAccess;
const fabrics = {} as Record<Edge, FabricProcess>;
const runtimes = {} as Record<Edge, Runtime>;
const credentials = {} as Record<Edge, EdgeCredential>;
const tokens = {} as Record<Edge, string>;

const portOf = (hostPort: string) => Number(hostPort.split(':')[1]);
const feed = sampleFeed('test', () => ['one', 'two'].map((name) => entry(sampleItem(name))), { intervalSeconds: 2 });
function start(raw: Record<string, unknown>): Runtime {
  const config = parseConfig({ dataDir: directory, limits: { requestResendMs: 2000 }, ...raw }, 'the test');
  const definitionsOf = definitionsWith([feed], sampleDownloads());
  return createRuntime({ config, portsOf: createPorts, definitionsOf, sink: quietSink });
}
const doorsOf = (fabric: FabricProcess) => ({ kafkaPort: portOf(fabric.kafka), restPort: portOf(fabric.rest) });
const startEdge = (edge: Edge, upstream: unknown) =>
  start({ sites: [{ id: edge, role: 'edge', upstream, fabric: { kind: 'embedded', ...doorsOf(fabrics[edge]) } }] });

beforeAll(async () => {
  ({ directory, remove } = await temporaryDirectory());
  hq = await guardedSite('hq', path.join(directory, 'hq'));
  await hq.fabric.start();
  const fabric = { kind: 'embedded', ...doorsOf(hq.fabric), access: 'credentials', ...hq.files };
  hqRuntime = start({ sites: [{ id: 'hq', role: 'hq', fabric }] });
  access = hqRuntime.sites.get('hq')!.ports.edgeAccess!;
  for (const edge of EDGES) {
    mkdirSync(path.join(directory, edge), { recursive: true });
    fabrics[edge] = await new FabricProcess(edge, path.join(directory, edge)).start();
    // As `npm run enrol` does at both sides.
    tokens[edge] = (await access.invite(edge)).token;
    const token = readToken(tokens[edge]);
    credentials[edge] = await acceptEnrolment(token);
    await writeEnrolment({ dataDir: directory }, token, credentials[edge]);
    runtimes[edge] = startEdge(edge, readEnrolment(directory, edge)!.upstream);
  }
});
afterAll(async () => {
  await Promise.all([hqRuntime?.stop(), ...Object.values(runtimes).map((runtime) => runtime.stop())]);
  await Promise.all([hq?.fabric.kill(), ...Object.values(fabrics).map((fabric) => fabric.kill())]);
  await remove?.();
});

const portsOf = (edge: Edge) => runtimes[edge].sites.get(edge)!.ports;
async function rows(edge: Edge): Promise<EdgeAssetRow[]> {
  const documents = await portsOf(edge).tables.find(TABLES.assets);
  return documents.map((document) => EdgeAssetRow.parse(document));
}
const statuses = async (edge: Edge) => (await rows(edge).catch(() => [])).map(({ status }) => status).sort();
const eventOf = async (what: Partial<DoorEvent>) =>
  expect.poll(() => access.events(), WAIT).toContainEqual(expect.objectContaining(what));
const kafkaAs = (edge: Edge, { username, password } = credentials[edge]) =>
  new Kafka({
    brokers: [hq.fabric.kafka],
    ssl: { ca: [hq.ca] },
    sasl: { mechanism: 'scram-sha-512', username, password },
    retry: { retries: 0 },
    logCreator: () => () => undefined,
  });
const restAs = (edge: Edge) =>
  new HttpClient({ baseUrl: hq.fabric.baseUrl, ca: hq.ca, auth: { kind: 'basic', ...credentials[edge] } });
const statusOf = async (edge: Edge, method: 'GET' | 'PUT' | 'POST', where: string) => {
  const client = restAs(edge);
  const response = await client.request({ method, path: where, accept: [401, 403] });
  await response.discard();
  client.close();
  return response.status;
};

describe('HQ and its edges over TLS', () => {
  it('carries the whole way: announced, requested, staged, mirrored, received', async () => {
    for (const edge of EDGES) await expect.poll(() => statuses(edge), WAIT).toEqual(['available', 'available']);
    const asset = (await rows('alpha'))[0]!._id;
    await createRequests(runtimes.alpha, 'alpha', [asset]);
    await expect.poll(() => statuses('alpha'), WAIT).toContain('ready');
    await portsOf('alpha').volumes.startMirror(VOLUMES.inbound);
    await expect.poll(() => statuses('alpha'), WAIT).toContain('delivered');
    await expect
      .poll(
        async () => (await hqRuntime.sites.get('hq')!.ports.tables.find(TABLES.requests)).map((row) => row.status),
        WAIT,
      )
      .toEqual(['received']);
    expect((await access.events()).filter(({ kind }) => kind === 'refused')).toEqual([]);
    expect(await access.list()).toMatchObject([
      { edge: 'alpha', revokedAt: null, lastAddress: expect.stringContaining('127.0.0.1') },
      { edge: 'bravo', revokedAt: null },
    ]);
    expect(await access.certificateDaysLeft()).toBeGreaterThan(600);
  });

  it("refuses alpha's credential what is bravo's, and says so to the auditor", async () => {
    const admin = kafkaAs('alpha').admin();
    await admin.connect();
    expect((await admin.listTopics()).toSorted()).toEqual(
      ['ASSET_BROADCAST', 'ASSET_RECEIPT.alpha', 'ASSET_REQUEST.alpha', 'ASSET_RESPONSE'].map(
        (topic) => `missionx.replicated.${topic}`,
      ),
    );
    await expect(admin.fetchOffsets({ groupId: 'fieldline-link.bravo' })).rejects.toThrow();
    await eventOf({ kind: 'refused', principal: 'alpha', what: 'use the consumer group fieldline-link.bravo' });
    await admin.disconnect();
    const producer = kafkaAs('alpha').producer();
    await producer.connect();
    const topic = 'missionx.replicated.ASSET_RECEIPT.bravo';
    await expect(producer.send({ topic, messages: [{ value: 'a forged receipt' }] })).rejects.toMatchObject({
      cause: { type: 'TOPIC_AUTHORIZATION_FAILED' },
    });
    await producer.disconnect();
    // kafkajs asks where the topic is before it writes; either is refused.
    await eventOf({ kind: 'refused', principal: 'alpha', what: `read the topic ${topic}` });

    const mine = '/files/missionx/outbound-alpha/?list=json';
    expect(await statusOf('alpha', 'GET', mine)).toBe(200);
    expect(await statusOf('bravo', 'GET', mine)).toBe(403);
    await eventOf({
      kind: 'refused',
      principal: 'bravo',
      what: 'read the files of the volume missionx.outbound-alpha',
    });
    expect(await statusOf('alpha', 'PUT', '/files/missionx/outbound-alpha/x')).toBe(403);
    expect(await statusOf('alpha', 'GET', '/files/missionx/assets/?list=json')).toBe(403);
    expect(await statusOf('alpha', 'GET', '/files/missionx/outbound-alpha/..%2fassets/')).toBe(403);
    expect(await statusOf('alpha', 'GET', `/api/v2/table/${encodeURIComponent('/missionx/assets')}`)).toBe(403);
    expect(await statusOf('alpha', 'GET', '/rest/volume/info?name=missionx.outbound-bravo')).toBe(403);
    expect(await statusOf('alpha', 'POST', '/rest/access/edge/revoke?edge=bravo')).toBe(403);
    expect(await statusOf('alpha', 'POST', `/topics/${topic}`)).toBe(403);
    expect(await statusOf('alpha', 'POST', '/consumers/fieldline-link.bravo')).toBe(403);
    expect(await statusOf('alpha', 'POST', '/auth/v2/token')).toBe(403);
    const nobody = new HttpClient({ baseUrl: hq.fabric.baseUrl, ca: hq.ca });
    await expect(nobody.request({ path: '/rest/dashboard/info' })).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    nobody.close();
  });

  it('takes an enrolment token once, whole, in time, and from the HQ that it names', async () => {
    await expect(acceptEnrolment(readToken(tokens.alpha))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const { token } = await access.invite('charlie');
    const charlie = readToken(token);
    expect(() => readToken(`${token.slice(0, 40)}A${token.slice(41)}`)).toThrow('not the whole');
    const forged = (changes: Partial<EnrolmentToken>) =>
      acceptEnrolment(readToken(writeToken({ ...charlie, ...changes })));
    await expect(forged({ secret: 'guessed' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(forged({ expiresAt: Date.now() - 1 })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const { ca } = await guardedSite('hq', path.join(directory, 'impostor'));
    await expect(forged({ ca })).rejects.toThrow(/certificate of .* is not trusted/);
    // Two at the same time: one of them.
    const both = await Promise.allSettled([acceptEnrolment(charlie), acceptEnrolment(charlie)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const { token: late } = await access.invite('delta', { lifetimeMs: 1000 });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await expect(acceptEnrolment({ ...readToken(late), expiresAt: Date.now() + 60_000 })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    await eventOf({ kind: 'enrolment failed', what: 'enrol with a token that does not hold' });
  });

  it('has the edge say in words that HQ is not the one it trusts', async () => {
    const { upstream } = readEnrolment(directory, 'bravo')!;
    await runtimes.bravo.stop();
    runtimes.bravo = startEdge('bravo', {
      ...(upstream as object),
      tls: { caFile: path.join(directory, 'impostor', 'authority.pem') },
    });
    await expect
      .poll(async () => (await portsOf('bravo').links!.status()).inbound.lastError, WAIT)
      .toMatch(/certificate of .* is not trusted/);
    await runtimes.bravo.stop();
    runtimes.bravo = startEdge('bravo', upstream);
    await expect.poll(async () => (await portsOf('bravo').links!.status()).inbound.state, WAIT).toBe('up');
  });

  it('ends a revoked edge in the middle, and keeps it out after a restart; enrolled anew it comes in again', async () => {
    await expect.poll(async () => (await portsOf('alpha').links!.status()).inbound.state, WAIT).toBe('up');
    await access.revoke('alpha');
    await expect
      .poll(async () => (await portsOf('alpha').links!.status()).inbound, WAIT)
      .toMatchObject({ state: 'down', lastError: expect.stringContaining('did not accept the credentials') });
    expect(await access.list()).toContainEqual(
      expect.objectContaining({ edge: 'alpha', revokedAt: expect.any(Number) }),
    );
    await eventOf({ kind: 'sign-in failed', principal: 'alpha', what: 'sign in with a credential that was revoked' });
    await hq.fabric.kill();
    await hq.fabric.start();
    await expect(restAs('alpha').request({ path: '/rest/dashboard/info' })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
    });
    await expect.poll(async () => (await portsOf('bravo').links!.status()).inbound.state, WAIT).toBe('up');

    const token = readToken((await access.invite('alpha')).token);
    await writeEnrolment({ dataDir: directory }, token, await acceptEnrolment(token));
    await runtimes.alpha.stop();
    runtimes.alpha = startEdge('alpha', readEnrolment(directory, 'alpha')!.upstream);
    await expect.poll(async () => (await portsOf('alpha').links!.status()).inbound.state, WAIT).toBe('up');
  });
});
