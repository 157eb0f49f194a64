/** The links driver against two real fabrics. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linksConformance } from '@/lib/ports/conformance/links';
import { createKafkaStreams } from '../kafka';
import { FabricProcess, temporaryDirectory } from '../testing/fabric-process';
import { createAdminLinks } from './index';

let root: Awaited<ReturnType<typeof temporaryDirectory>>;
let hq: FabricProcess;
let alpha: FabricProcess;

beforeAll(async () => {
  root = await temporaryDirectory();
  hq = await new FabricProcess('hq', path.join(root.directory, 'hq')).start();
  alpha = await new FabricProcess('alpha', path.join(root.directory, 'alpha')).start();
});
afterAll(async () => {
  await alpha.kill('SIGTERM');
  await hq.kill('SIGTERM');
  await root.remove();
});

const restart = (fabric: FabricProcess) => async () => {
  await fabric.kill();
  await fabric.start();
};
const newMission = () => `m${randomUUID().slice(0, 8)}`;
const linksOf = (mission: string, upstream: string) =>
  createAdminLinks({
    baseUrl: alpha.baseUrl,
    mission,
    site: 'alpha',
    upstream,
    inbound: ['BROADCAST'],
    outbound: ['REQUEST.alpha'],
  });

for (const door of ['rest', 'kafka'] as const)
  linksConformance(`admin REST, HQ given by its ${door} door`, async () => {
    const mission = newMission();
    const open = (fabric: FabricProcess) =>
      createKafkaStreams({ brokers: [fabric.kafka], mission, clientId: `test-${fabric.site}` });
    const links = linksOf(mission, hq[door]);
    const streams = { hq: open(hq), edge: open(alpha) };
    return {
      links,
      ...streams,
      inbound: { stream: 'replicated', topic: 'BROADCAST' },
      outbound: { stream: 'replicated', topic: 'REQUEST.alpha' },
      restartHq: restart(hq),
      restartEdge: restart(alpha),
      dispose: async () => {
        const conditions = linksOf(mission, hq[door]);
        await conditions.setConditions({ cut: false, bytesPerSecond: null, latencyMs: 0 });
        await conditions.close();
        await Promise.all([streams.hq.close(), streams.edge.close()]);
      },
    };
  });

describe('the admin commands of links', () => {
  const call = async (method: string, command: string, parameters: Record<string, string>) => {
    const response = await fetch(`${alpha.baseUrl}/rest/${command}?${new URLSearchParams(parameters)}`, { method });
    return (await response.json()) as { status: string; data: Record<string, unknown>[]; errors?: { desc: string }[] };
  };

  it('set up, list, pause and remove pairs in the words of a cluster', async () => {
    const mission = newMission();
    const local = `/${mission}/replicated`;
    const remote = `/mapr/hq${local}`;
    const pair = { path: `/mapr/alpha${local}`, replica: remote };
    await call('POST', 'cluster/gateway/set', { dstcluster: 'hq', gateways: hq.rest });
    expect(await call('GET', 'stream/replica/autosetup', { ...pair, multimaster: 'true' })).toMatchObject({
      status: 'OK',
    });
    const again = await call('POST', 'stream/replica/autosetup', { ...pair, multimaster: 'true' });
    expect(again.status).toBe('ERROR');
    expect(again.errors![0]!.desc).toContain('DC_NOT_SUPPORTED');

    const out = await call('GET', 'stream/replica/list', { path: local });
    expect(out.data).toMatchObject([
      {
        cluster: 'hq',
        stream: local,
        replicaState: 'REPLICA_STATE_REPLICATING',
        paused: false,
        direction: 'outbound',
        topics: '*',
      },
    ]);
    expect(await call('GET', 'stream/upstream/list', { path: local })).toMatchObject({
      data: [{ cluster: 'hq', stream: local }],
    });

    await call('POST', 'stream/replica/pause', { path: remote, replica: local });
    expect(await call('GET', 'stream/replica/list', { path: remote })).toMatchObject({
      data: [{ cluster: 'alpha', paused: true, direction: 'inbound' }],
    });
    expect(await call('GET', 'stream/replica/list', { path: local })).toMatchObject({ data: [{ paused: false }] });

    await call('POST', 'stream/replica/remove', { path: remote, replica: local });
    expect(await call('GET', 'stream/upstream/list', { path: local })).toMatchObject({ data: [] });
    await call('POST', 'stream/replica/remove', { path: local, replica: remote });
    expect(await call('GET', 'link/info', { path: local })).toMatchObject({
      status: 'ERROR',
      errors: [{ code: 'NOT_FOUND' }],
    });
  });

  it('refuse what can not be', async () => {
    for (const [command, parameters, text] of [
      ['stream/replica/autosetup', { path: '/a/b', replica: '/c/d' }, 'One of path and replica'],
      ['stream/replica/autosetup', { path: '/a/b', replica: '/mapr/moon/a/b' }, 'Gateways are not configured to moon'],
      ['stream/replica/autosetup', { path: '/a/b', replica: '/mapr/hq/a/b', outbound: 'x y' }, 'no topic name'],
      ['stream/replica/pause', { path: '/a/b', replica: '/mapr/hq/a/b' }, 'No such replica'],
      ['link/conditioner/set', { latencyMs: '-1' }, 'latencyMs'],
    ] as const) {
      const answer = await call('POST', command, parameters);
      expect(answer.status, command).toBe('ERROR');
      expect(answer.errors![0]!.desc).toContain(text);
    }
  });
});
