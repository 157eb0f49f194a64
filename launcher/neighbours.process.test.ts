/** An edge beside its HQ, where HQ's doors ask who comes: HQ sees it, limits it and can take its credential back, as that of any other. */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { Kafka } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePorts, Installation, until } from '../e2e/support/installation';
import { buildApp, buildPrograms } from '../scripts/lib/build.mjs';

const root = path.resolve(import.meta.dirname, '..');
let installation: Installation;
let kafkaPort: number;

beforeAll(async () => {
  await buildPrograms(root);
  await buildApp(root);
  const [kafka, restPort] = await freePorts(2);
  kafkaPort = kafka!;
  installation = await Installation.start({
    sites: ['hq', 'alpha'],
    hqFabric: { kind: 'embedded', access: 'credentials', kafkaPort, restPort },
    feeds: [{ id: 'sample', kind: 'json', url: 'app:/sample/feed.json', intervalSeconds: 5 }],
  });
}, 400_000);
afterAll(() => installation?.stop());

interface Direction {
  state: string;
  lastError: string | null;
}
const inbound = async () => (await installation.api<{ inbound: Direction }>('/api/sites/alpha/link')).inbound;
const linkIs = (state: string) => until(`the link is ${state}`, async () => (await inbound()).state === state);
/** At first it is a connection that was cut; the next one is refused. */
const refused = () =>
  until('HQ refuses the credential', async () => {
    const { state, lastError } = await inbound();
    return state === 'down' && lastError?.includes('did not accept the credentials') === true;
  });
const known = async () =>
  (
    await installation.api<{ edges: { edge: string; revokedAt: string | null; lastSignInAt: string | null }[] }>(
      '/api/sites/hq/edges',
    )
  ).edges;
const file = () => path.join(installation.directory, 'data/keys/hq/edge-alpha.json');

it('is enrolled by the first start, and its credential reads and writes what is its own', async () => {
  await linkIs('up');
  expect(await known()).toMatchObject([{ edge: 'alpha', revokedAt: null, lastSignInAt: expect.any(String) }]);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  const admin = new Kafka({
    brokers: [`127.0.0.1:${kafkaPort}`],
    ssl: { ca: [readFileSync(path.join(path.dirname(file()), 'authority.pem'), 'utf8')] },
    sasl: { mechanism: 'scram-sha-512', ...JSON.parse(readFileSync(file(), 'utf8')) },
    retry: { retries: 0 },
    logCreator: () => () => undefined,
  }).admin();
  await admin.connect();
  const topics = await admin.listTopics();
  await admin.disconnect();
  expect(topics).toContain('missionx.replicated.ASSET_BROADCAST');
  expect(topics.filter((topic) => topic.startsWith('missionx.pipeline.'))).toEqual([]);
});

it('brings what it asked for, with that credential', async () => {
  const assets = async (status: string) =>
    (await installation.api<{ assets: { id: string }[] }>(`/api/sites/alpha/assets?status=${status}`)).assets;
  await until('it lists assets', async () => (await assets('available')).length > 0);
  const [asset] = await assets('available');
  await installation.api('/api/sites/alpha/requests', { method: 'POST', body: { assetIds: [asset!.id] } });
  await until('HQ has staged it', async () => (await assets('ready')).length === 1);
  await installation.api('/api/sites/alpha/mirror', { method: 'POST' });
  await until('it is delivered', async () => (await assets('delivered')).length === 1);
}, 120_000);

it('is kept out once HQ has taken its credential back, also after a restart, until somebody removes its file', async () => {
  await installation.api('/api/sites/hq/edges/alpha', { method: 'DELETE' });
  await refused();

  await installation.end();
  await installation.restart();
  await refused();
  expect(await known()).toMatchObject([{ edge: 'alpha', revokedAt: expect.any(String) }]);

  await installation.end();
  expect(existsSync(file())).toBe(true);
  rmSync(file());
  await installation.restart();
  await linkIs('up');
  expect(await known()).toMatchObject([{ edge: 'alpha', revokedAt: null }]);
}, 240_000);
