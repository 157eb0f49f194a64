/** An edge is connected with another embedded fabric, and goes back, while HQ and its mission go on. */
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TOPICS } from '@/lib/domain/naming';
import { FabricProcess } from '@/lib/drivers/testing/fabric-process';
import {
  draftConnection,
  getConnection,
  prepareConnection,
  redraftConnection,
  removeConnection,
  testConnection,
  useConnection,
} from '../operations/connections';
import { type ConnectedMission, startConnectedMission, WAIT } from './testing';

let mission: ConnectedMission;
let other: FabricProcess;

beforeAll(async () => {
  mission = await startConnectedMission(['one', 'two']);
  other = await new FabricProcess('alpha', path.join(mission.directory, 'other')).start();
}, 120_000);
afterAll(async () => {
  await mission?.stop();
  await other?.kill();
}, 60_000);

const runtime = () => mission.runtime();
async function done() {
  await expect.poll(() => getConnection(runtime(), 'alpha').job?.state, WAIT).not.toBe('running');
  const job = getConnection(runtime(), 'alpha').job!;
  expect(job.steps.filter(({ error }) => error)).toEqual([]);
  return job.steps.map(({ title, state }) => `${title}: ${state}`);
}
const draft = (fabric: FabricProcess) =>
  draftConnection(runtime(), 'alpha', { ...mission.embedded(fabric), upstream: mission.fabrics.hq.rest });
const linkAt = async (fabric: FabricProcess) => {
  const answer = await fetch(`${fabric.baseUrl}/rest/link/info?path=/missionx/replicated`);
  const { data } = (await answer.json()) as { data?: { inbound: { state: string }; outbound: { state: string } }[] };
  return data?.[0] && [data[0].inbound.state, data[0].outbound.state];
};

it('goes over with its link, is delivered there what it asks for, and goes back', { timeout: 400_000 }, async () => {
  const { alpha } = mission.fabrics;
  await mission.deliver('one');
  await draft(other);
  expect((await testConnection(runtime(), 'alpha', 'draft')).doors.map(({ door, code }) => [door, code])).toEqual([
    ['streams', null],
    ['tables', null],
    ['volumes', null],
    ['upstream', null],
  ]);
  await prepareConnection(runtime(), 'alpha');
  expect(await done()).toContain('Link with HQ: gateway and replicas: done');
  // Two links of one site would both write its topics at HQ.
  expect(await linkAt(other)).toEqual(['paused', 'paused']);
  expect(await linkAt(alpha)).toEqual(['up', 'up']);
  await mission.deliver('two');

  await useConnection(runtime(), 'alpha');
  const steps = await done();
  expect(steps.slice(-3)).toEqual([
    'The link of alpha stops where it was: done',
    'alpha goes over: done',
    'The link of alpha begins there: done',
  ]);
  await expect.poll(() => linkAt(other), WAIT).toEqual(['up', 'up']);
  expect(await linkAt(alpha)).toEqual(['paused', 'paused']);
  mission.names.push('three');
  await mission.deliver('three');
  // What it had asked for before came back from HQ, and stands before that.
  const asked = await runtime().sites.get('alpha')!.ports.streams.tail(TOPICS.request('alpha'), 10);
  expect(asked.map(({ offset }) => Number(offset))).toEqual(asked.map((_, index) => index));
  expect(asked.length).toBeGreaterThanOrEqual(3);

  await redraftConnection(runtime(), 'alpha', { id: 'configured' });
  await useConnection(runtime(), 'alpha');
  await done();
  mission.names.push('four');
  await mission.deliver('four');
  await expect.poll(() => linkAt(alpha), WAIT).toEqual(['up', 'up']);

  const [before] = getConnection(runtime(), 'alpha').previous;
  await removeConnection(runtime(), 'alpha', { id: before!.id, confirm: 'missionx' });
  await done();
  expect(await linkAt(other)).toBeUndefined();
  const gateways = await (await fetch(`${other.baseUrl}/rest/cluster/gateway/list`)).json();
  expect(gateways).toMatchObject({ data: [] });
});

/** As kill -9 of the app, and of the fabric that it would tell on its way down, when a step of the job begins. */
async function killedAt(title: string, fabric: FabricProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let isOver = false;
    runtime().events.subscribe(() => {
      const steps = getConnection(runtime(), 'alpha').job?.steps ?? [];
      if (isOver || !steps.some((step) => step.title === title && step.state === 'running')) return;
      isOver = true;
      Promise.all([fabric.kill(), mission.restart()]).then(() => resolve(), reject);
    });
    void useConnection(runtime(), 'alpha').catch(reject);
  });
  await fabric.start();
  await expect.poll(() => runtime().health().ready, WAIT).toBe(true);
}

it('goes on with its link wherever it is when the app was killed in between', { timeout: 400_000 }, async () => {
  const { alpha } = mission.fabrics;
  const standsOn = () => getConnection(runtime(), 'alpha').inUse.fabric;
  await draft(other);
  await killedAt('alpha goes over', alpha);
  expect(standsOn()).toMatchObject({ restPort: Number(alpha.rest.split(':')[1]) });
  await expect.poll(() => linkAt(alpha), WAIT).toEqual(['up', 'up']);
  expect(await linkAt(other)).toEqual(['paused', 'paused']);

  await killedAt('The link of alpha begins there', other);
  expect(standsOn()).toMatchObject({ restPort: Number(other.rest.split(':')[1]) });
  await expect.poll(() => linkAt(other), WAIT).toEqual(['up', 'up']);
  expect(await linkAt(alpha)).toEqual(['paused', 'paused']);
  mission.names.push('five');
  await mission.deliver('five');
  // Once: what an operator pauses afterwards stays paused.
  await runtime().sites.get('alpha')!.ports.links!.pause('inbound');
  await mission.restart();
  await expect.poll(() => runtime().health().ready, WAIT).toBe(true);
  expect((await linkAt(other))?.[0]).toBe('paused');
});

it('says in a sentence what can not be, and tries its doors all the same', async () => {
  const reason = expect.stringContaining('MirrorMaker 2 carries between two Kafka clusters');
  const s3 = { endpoint: 'http://127.0.0.1:9', region: 'r', bucket: 'field', pathStyle: true, accessKeyId: 'k' };
  const nowhere = { host: '127.0.0.1', port: 9, database: 'd', user: 'u', password: 'p' };
  const draft = {
    kind: 'kafka' as const,
    brokers: ['127.0.0.1:9'],
    postgres: nowhere,
    s3: { ...s3, secretAccessKey: 's' },
    connect: { url: 'http://127.0.0.1:9' },
  };
  const drafted = await draftConnection(runtime(), 'alpha', { fabric: draft });
  expect(drafted.use).toEqual({ possible: false, reason });
  expect(drafted.against).toEqual({
    embedded: null,
    kafka: expect.stringContaining('move HQ to Kafka first'),
    datafabric: expect.stringContaining('all on HPE Data Fabric, or none is'),
  });
  const { doors } = await testConnection(runtime(), 'alpha', 'draft');
  expect(doors.map(({ door, code }) => [door, code])).toEqual([
    ['streams', 'refused'],
    ['tables', 'refused'],
    ['volumes', 'refused'],
    ['link', 'failed'],
  ]);
  expect(doors.at(-1)?.reason).toEqual(reason);
  await expect(prepareConnection(runtime(), 'alpha')).rejects.toMatchObject({ code: 'CONFLICT', message: reason });
  await expect(useConnection(runtime(), 'alpha')).rejects.toMatchObject({ code: 'CONFLICT', message: reason });
});
