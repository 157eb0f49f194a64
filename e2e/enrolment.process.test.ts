/** An edge that knows HQ's address only, enrolled by its own API while both run: HQ's doors ask everybody, in TLS. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { apiRoutes, createTestClient } from '@/app/api/_lib/test-client';
import { EnrolmentSchema, ProblemSchema } from '@/lib/api/schemas';
import { parseConfig, secretsOf, withEnrolments } from '@/lib/config';
import { TABLES } from '@/lib/domain/naming';
import { FabricProcess, temporaryDirectory } from '@/lib/drivers/testing/fabric-process';
import { type GuardedSite, guardedSite } from '@/lib/drivers/testing/guarded-site';
import { readToken, writeToken } from '@/lib/enrolment/token';
import type { EdgeAccess } from '@/lib/ports';
import type { Runtime } from '@/services/contract';
import { createPorts } from '@/services/runtime/ports';
import { createRuntime } from '@/services/runtime/runtime';
import { definitionsWith } from '@/services/testing/memory-runtime';
import { quietSink } from '@/services/testing/quiet-sink';
import { entry, sampleDownloads, sampleFeed, sampleItem } from '@/services/testing/samples';

const holder = vi.hoisted(() => ({ runtime: null as Runtime | null }));
vi.mock('@/services/runtime/global', () => ({ getRuntime: () => holder.runtime }));
const logged = vi.hoisted(() => ({ failures: [] as unknown[] }));
vi.mock('@/app/api/_lib/log', () => ({
  logFailure: (error: unknown) => logged.failures.push(error),
  logRefusal: () => undefined,
  logStreamFailure: (error: unknown) => logged.failures.push(error),
}));

const WAIT = { timeout: 50_000, interval: 100 };
const PLACE = '/api/sites/alpha/enrolment';

let directory: string;
let remove: () => Promise<void>;
let hq: GuardedSite;
let fabric: FabricProcess;
let hqRuntime: Runtime;
let access: EdgeAccess;
let call: ReturnType<typeof createTestClient>;

const doorsOf = ({ kafka, rest }: FabricProcess) => {
  const [kafkaPort, restPort] = [kafka, rest].map((door) => Number(door.split(':')[1]));
  return { kind: 'embedded', kafkaPort, restPort };
};
function start(raw: object): Runtime {
  const feed = sampleFeed('test', () => [entry(sampleItem('one'))], { intervalSeconds: 2 });
  const definitionsOf = definitionsWith([feed], sampleDownloads());
  return createRuntime({ config: parseConfig(raw, 'the test'), portsOf: createPorts, definitionsOf, sink: quietSink });
}
/** As the edge's settings have it: HQ's address, nothing of credentials. */
const settings = () => {
  const dataDir = path.join(directory, 'edge');
  const alpha = { id: 'alpha', role: 'edge', upstream: hq.fabric.rest, fabric: doorsOf(fabric) };
  return withEnrolments({ dataDir, sites: [alpha] }, dataDir) as object;
};

beforeAll(async () => {
  ({ directory, remove } = await temporaryDirectory());
  hq = await guardedSite('hq', path.join(directory, 'hq'));
  await hq.fabric.start();
  mkdirSync(path.join(directory, 'edge', 'alpha'), { recursive: true });
  fabric = await new FabricProcess('alpha', path.join(directory, 'edge', 'alpha')).start();
  const site = { id: 'hq', role: 'hq', fabric: { ...doorsOf(hq.fabric), access: 'credentials', ...hq.files } };
  hqRuntime = start({ dataDir: path.join(directory, 'hq'), sites: [site] });
  access = hqRuntime.sites.get('hq')!.ports.edgeAccess!;
  call = createTestClient(await apiRoutes());
  holder.runtime = start(settings());
}, 120_000);
afterAll(async () => {
  await Promise.all([hqRuntime?.stop(), holder.runtime?.stop()]);
  await Promise.all([hq?.fabric.kill(), fabric?.kill()]);
  await remove?.();
});

const give = (token: string) => call(PLACE, { method: 'POST', body: JSON.stringify({ token }) });
const refusalOf = async (token: string) => {
  const response = await give(token);
  const problem = ProblemSchema.parse(await response.json());
  for (const said of [JSON.stringify(problem), ...logged.failures.map(String)]) expect(said).not.toContain(token);
  return [response.status, problem.detail];
};
const enrolment = async () => EnrolmentSchema.parse(await (await call(PLACE)).json());
const portsOf = () => holder.runtime!.sites.get('alpha')!.ports;
const linkState = () =>
  portsOf()
    .links!.status()
    .then(({ inbound }) => inbound.state)
    .catch(() => 'not there yet');

it('takes one token of its own HQ, once, and goes on with what it gave', { timeout: 240_000 }, async () => {
  expect(await enrolment()).toEqual({ reason: null, enrolled: null });
  const { token } = await access.invite('alpha');
  const known = readToken(token);
  const { ca } = await guardedSite('hq', path.join(directory, 'impostor'));
  expect(await refusalOf(token.slice(0, -9))).toEqual([400, expect.stringContaining('not the whole')]);
  for (const [change, status, said] of [
    [{ edge: 'bravo' }, 409, 'for the edge bravo'],
    [{ mission: 'other' }, 409, 'for the mission other'],
    [{ expiresAt: 1 }, 409, 'has expired'],
    [{ secret: 'guessed' }, 409, 'was used already, or has expired'],
    [{ ca }, 503, 'is not trusted'],
    // Nothing listens on that port.
    [{ address: '127.0.0.1:1' }, 503, '127.0.0.1:1'],
  ] as const)
    expect(await refusalOf(writeToken({ ...known, ...change }))).toEqual([status, expect.stringContaining(said)]);
  expect(await enrolment()).toEqual({ reason: null, enrolled: null });

  const [one, other] = await Promise.all([give(token), give(token)]);
  expect([one.status, other.status].toSorted()).toEqual([200, 409]);
  const here = { upstream: known.address, at: expect.any(String) };
  expect(await enrolment()).toEqual({ reason: null, enrolled: here });
  await expect.poll(linkState, WAIT).toBe('up');
  await expect
    .poll(
      () =>
        portsOf()
          .tables.find(TABLES.assets)
          .catch(() => []),
      WAIT,
    )
    .toHaveLength(1);
  expect(await refusalOf(token)).toEqual([409, expect.stringContaining('was used already')]);

  // A start by the same settings goes by the enrolment; another address in them goes before it.
  await holder.runtime!.stop();
  holder.runtime = start(settings());
  expect((await enrolment()).enrolled).toEqual(here);
  await expect.poll(linkState, WAIT).toBe('up');

  await access.revoke('alpha');
  await expect.poll(linkState, WAIT).toBe('down');
  expect((await give((await access.invite('alpha')).token)).status).toBe(200);
  await expect.poll(linkState, WAIT).toBe('up');

  // The edge's fabric keeps its credential too, and goes on with it by itself.
  await holder.runtime!.stop();
  await fabric.kill();
  await fabric.start();
  const bring = () =>
    fetch(`${fabric.baseUrl}/rest/link/info?path=/missionx/replicated`).then((answer) => answer.json());
  await expect.poll(bring, WAIT).toMatchObject({ data: [{ inbound: { state: 'up' } }] });

  // Neither the token nor its secret nor the password is in anything that the edge keeps.
  const kept = readdirSync(path.join(directory, 'edge'), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => readFileSync(path.join(file.parentPath, file.name), 'latin1'));
  const password = secretsOf({ dataDir: path.join(directory, 'edge') }).get('alpha.enrolment');
  expect(kept.filter((text) => [known.secret, token, password].some((one) => text.includes(one)))).toEqual([]);
});
