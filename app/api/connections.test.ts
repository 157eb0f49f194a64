/** Connections by the API, on a mission in memory: what is entered, what is answered, and what never is. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ConnectionSchema, ConnectionsSchema } from '@/lib/api/connections';
import { ProblemSchema } from '@/lib/api/schemas';
import { readConnection, readSecret, writeConnection } from '@/lib/config';
import type { Runtime } from '@/services/contract';
import { createMemoryMission, type MemoryMission } from '@/services/testing/memory-mission';
import { apiRoutes, createTestClient } from './_lib/test-client';

const holder = vi.hoisted(() => ({ runtime: null as Runtime | null }));
vi.mock('@/services/runtime/global', () => ({ getRuntime: () => holder.runtime }));
vi.mock('./_lib/log', () => ({
  logFailure: () => undefined,
  logRefusal: () => undefined,
  logStreamFailure: () => undefined,
}));

const SECRETS = ['kafka-5ecret', 'db-5ecret', 's3-5ecret'];
const input = () => ({
  fabric: {
    kind: 'kafka',
    brokers: ['kafka.example:9092'],
    sasl: { mechanism: 'scram-sha-512', username: 'fieldline', password: SECRETS[0] as string | undefined },
    postgres: { host: 'db.example', database: 'd', user: 'u', password: SECRETS[1] },
    s3: { endpoint: 'https://s3.example', bucket: 'missions', accessKeyId: 'AK', secretAccessKey: SECRETS[2] },
  },
});

let mission: MemoryMission;
let dataDir: string;
let call: ReturnType<typeof createTestClient>;
beforeAll(async () => {
  call = createTestClient(await apiRoutes());
});
beforeEach(async () => {
  mission = await createMemoryMission();
  dataDir = mkdtempSync(path.join(tmpdir(), 'fieldline-api-'));
  holder.runtime = { ...mission.runtime, config: { ...mission.runtime.config, dataDir } };
});
afterEach(() => mission.stop());

const send = (method: string, target: string, body?: unknown) =>
  call(target, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

test('secrets are written and never read', async () => {
  const answer = await send('PUT', '/api/sites/hq/connection', input());
  expect(answer.status).toBe(200);
  const texts = [
    await answer.text(),
    await (await call('/api/connections')).text(),
    await (await call('/api/sites/hq/connection')).text(),
    await (await call('/api/openapi.json')).text(),
    ...['connections', 'secrets'].flatMap((folder) =>
      readdirSync(path.join(dataDir, folder)).map((file) => readFileSync(path.join(dataDir, folder, file), 'utf8')),
    ),
  ];
  for (const secret of SECRETS) expect(texts.join('\n')).not.toContain(secret);
  const { draft } = ConnectionSchema.parse(JSON.parse(texts[0]!));
  expect(draft?.target.fabric).toMatchObject({
    kind: 'kafka',
    sasl: { username: 'fieldline', hasPassword: true },
    postgres: { port: 5432, hasPassword: true },
    s3: { region: 'us-east-1', hasSecretAccessKey: true, hasCa: false },
  });
  const known = ConnectionsSchema.parse(JSON.parse(texts[1]!));
  expect(known.connections.map(({ site, inUse }) => [site, inUse.source])).toEqual([
    ['hq', 'configuration'],
    ['alpha', 'configuration'],
  ]);
});

test('a secret that is left out stays, those of a draft that is gone are gone', async () => {
  await send('PUT', '/api/sites/hq/connection', input());
  const again = input();
  again.fabric.sasl.password = undefined;
  expect((await send('PUT', '/api/sites/hq/connection', again)).status).toBe(200);
  const file = path.join(dataDir, 'connections', 'hq.json');
  const { passwordFile } = JSON.parse(readFileSync(file, 'utf8')).draft.target.fabric.sasl;
  expect(readSecret(holder.runtime!.config, path.resolve(path.dirname(file), passwordFile))).toBe(SECRETS[0]);
  expect((await send('DELETE', '/api/sites/hq/connection')).status).toBe(200);
  expect(readdirSync(path.join(dataDir, 'secrets'))).toEqual(['key']);
});

test('what a site stood on before is entered again with its secrets, and keeps them when that is discarded', async () => {
  await send('PUT', '/api/sites/hq/connection', input());
  const { config } = holder.runtime!;
  const drafted = readConnection(config, 'hq');
  await writeConnection(config, 'hq', { ...drafted, draft: null, previous: [drafted.draft!] });
  const secrets = () => readdirSync(path.join(dataDir, 'secrets')).sort();
  const before = secrets();
  expect(before).toHaveLength(SECRETS.length + 1);

  const { id } = drafted.draft!;
  const answer = await send('POST', '/api/sites/hq/connection/redraft', { id });
  expect(answer.status).toBe(200);
  const { draft, previous } = ConnectionSchema.parse(await answer.json());
  expect(draft!.target).toEqual(previous[0]!.target);
  // Each can be removed by its name.
  expect([draft!.id === id, previous[0]!.id]).toEqual([false, id]);
  expect(readConnection(config, 'hq').draft!.target).toEqual(drafted.draft!.target);
  expect(secrets()).toEqual(before);
  await send('DELETE', '/api/sites/hq/connection');
  expect(secrets()).toEqual(before);
  expect((await send('POST', '/api/sites/hq/connection/redraft', { id: draft!.id })).status).toBe(404);
});

test('an edge keeps how it dials HQ, its secrets apart', async () => {
  const fabric = { kind: 'embedded', kafkaPort: 19_102, restPort: 18_453 };
  const s3 = { endpoint: 'https://s3.example', bucket: 'missions', accessKeyId: 'AK', secretAccessKey: SECRETS[2] };
  const sasl = { mechanism: 'scram-sha-512', username: 'alpha', password: SECRETS[0] };
  const upstream = { kafka: 'k1.example:9093,k2.example:9093', tls: { serverName: 'kafka' }, sasl, s3 };
  const answer = await send('PUT', '/api/sites/alpha/connection', { fabric, upstream });
  const text = await answer.text();
  expect([answer.status, text]).toEqual([200, text]);
  for (const secret of SECRETS) expect(text).not.toContain(secret);
  expect(ConnectionSchema.parse(JSON.parse(text)).draft?.target.upstream).toEqual({
    kafka: upstream.kafka,
    tls: { serverName: 'kafka', hasCa: false },
    sasl: { mechanism: 'scram-sha-512', username: 'alpha', hasPassword: true },
    s3: {
      endpoint: s3.endpoint,
      bucket: s3.bucket,
      accessKeyId: 'AK',
      region: 'us-east-1',
      pathStyle: true,
      hasSecretAccessKey: true,
      hasCa: false,
    },
  });
  const { password: _kept, ...known } = sasl;
  const again = await send('PUT', '/api/sites/alpha/connection', { fabric, upstream: { ...upstream, sasl: known } });
  expect(again.status).toBe(200);
  const byAddress = await send('PUT', '/api/sites/alpha/connection', { fabric, upstream: 'hq.example:18443' });
  expect(ConnectionSchema.parse(await byAddress.json()).draft?.target.upstream).toEqual({
    address: 'hq.example:18443',
  });
});

test.each([
  [(body: ReturnType<typeof input>) => Object.assign(body.fabric, { brokers: ['kafka'] }), 400, 'fabric.brokers.0'],
  [
    (body: ReturnType<typeof input>) => Object.assign(body.fabric.s3, { secretAccessKeyFile: '/etc/shadow' }),
    400,
    'fabric.s3',
  ],
  [(body: ReturnType<typeof input>) => Object.assign(body.fabric.sasl, { password: undefined }), 400, undefined],
])('%# what can not be is refused, naming the field', async (harm, status, field) => {
  const body = input();
  harm(body);
  const answer = await send('PUT', '/api/sites/hq/connection', body);
  const problem = ProblemSchema.parse(await answer.json());
  expect([answer.status, problem.code]).toEqual([status, 'REQUEST_INVALID']);
  if (field) expect(problem.errors?.[0]?.path).toBe(field);
  else expect(problem.detail).toBe('sasl.password: is needed');
});

test('nothing is done without a draft, and nothing removed without the name', async () => {
  for (const verb of ['prepare', 'move', 'use']) {
    const answer = await send('POST', `/api/sites/hq/connection/${verb}`);
    expect([verb, answer.status]).toEqual([verb, 409]);
  }
  await send('PUT', '/api/sites/hq/connection', input());
  const { draft } = ConnectionSchema.parse(await (await call('/api/sites/hq/connection')).json());
  const wrong = await send('POST', '/api/sites/hq/connection/remove', { id: draft!.id, confirm: 'hq' });
  expect(wrong.status).toBe(400);
  const unknown = await send('POST', '/api/sites/hq/connection/remove', { id: 'none', confirm: 'missionx' });
  expect(unknown.status).toBe(404);
});
