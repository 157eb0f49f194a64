/**
 * A mission on HPE Data Fabric as far as it can be had here: HQ's and the edge's cluster are embedded fabrics with credentials and with
 * everything hidden that only they have. Not tried on a cluster.
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FieldlineConfig, parseConfig } from '@/lib/config';
import { assetPath } from '@/lib/domain/asset';
import { TOPICS, VOLUMES } from '@/lib/domain/naming';
import { type ClusterDouble, startClusterDouble } from '@/lib/drivers/testing/cluster-double';
import { FabricProcess, temporaryDirectory } from '@/lib/drivers/testing/fabric-process';
import type { SitePorts } from '@/lib/ports';
import { makeCertificates } from '@/scripts/engines/certificates.mjs';
import type { ServiceContext } from '../contract';
import { unstageFile } from '../responder/staging';
import type { HqRequestRow } from '../rows';
import { createPorts } from './ports';
import { provision } from './provision';

const CREDENTIALS = { username: 'mapr', password: 'pä:ss' };
/** The names of the clusters, which are not those of the sites. */
const CORE = 'core.example';
const FIELD = 'field.example';
const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });

let root: Awaited<ReturnType<typeof temporaryDirectory>>;
const fabrics: FabricProcess[] = [];
const doubles: ClusterDouble[] = [];
const opened: SitePorts[] = [];
let config: FieldlineConfig;

/** A cluster, and the settings of a site on it. */
async function cluster(name: string, upstream?: { cluster: string; gateways: string[] }) {
  const file = (kind: string) => path.join(root.directory, kind);
  await writeFile(file('credentials.json'), JSON.stringify(CREDENTIALS));
  await writeFile(file('password'), `${CREDENTIALS.password}\n`);
  const fabric = new FabricProcess(name, file(name), ['--credentials', file('credentials.json')]);
  fabrics.push(await fabric.start());
  const double = await startClusterDouble(() => fabric.rest);
  doubles.push(double);
  const port = Number(new URL(double.baseUrl).port);
  return {
    kind: 'datafabric',
    cluster: name,
    host: '127.0.0.1',
    adminPort: port,
    tablesPort: port,
    streamsPort: port,
    tls: false,
    username: CREDENTIALS.username,
    passwordFile: file('password'),
    ...(upstream && { upstream }),
  };
}

function openSite(...[settings, site]: Parameters<typeof createPorts>): SitePorts {
  const ports = createPorts(settings, site);
  opened.push(ports);
  return ports;
}

const open = (id: string, change: Partial<FieldlineConfig> = {}) =>
  openSite({ ...config, ...change }, config.sites.find((site) => site.id === id)!);

beforeAll(async () => {
  root = await temporaryDirectory();
  const hq = await cluster(CORE);
  const alpha = await cluster(FIELD, { cluster: CORE, gateways: [fabrics[0]!.kafka] });
  const sites = [
    { id: 'hq', role: 'hq', fabric: hq },
    { id: 'alpha', role: 'edge', fabric: alpha },
  ];
  config = parseConfig({ mission: `m${randomUUID().slice(0, 8)}`, sites }, 'the test');
});
afterAll(async () => {
  for (const { streams, tables, volumes, links } of opened)
    await Promise.all([streams.close(), tables.close(), volumes.close(), links?.close()]);
  for (const double of doubles) await double.close();
  for (const fabric of fabrics) await fabric.kill('SIGTERM');
  await root.remove();
});

/** What `configure-crosscluster.sh` does for clusters, by hand: the edge's one may connect to HQ's. The doors of the doubles ask for credentials. */
async function trust(): Promise<void> {
  const [core, field] = fabrics as [FabricProcess, FabricProcess];
  const query = new URLSearchParams({ dstcluster: CORE, gateways: core.kafka });
  const { username, password } = CREDENTIALS;
  const response = await fetch(`${field.baseUrl}/rest/cluster/gateway/set?${query}`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ sasl: { mechanism: 'scram-sha-256', username, password } }),
  });
  expect(await response.json()).toMatchObject({ status: 'OK' });
}

describe('a mission on Data Fabric clusters', () => {
  it('is provisioned twice, announces, answers and keeps tables, by the documented API alone', async () => {
    const [hq, alpha] = [open('hq'), open('alpha')];
    for (let time = 0; time < 2; time++) {
      await provision({ id: 'hq', role: 'hq' }, hq);
      await provision({ id: 'alpha', role: 'edge' }, alpha);
    }
    await trust();
    await hq.streams.produce(TOPICS.assetBroadcast, [{ key: 'a', value: '{"n":1}', headers: { from: 'hq' } }]);
    const request = TOPICS.request('alpha');
    await alpha.streams.produce(request, [{ key: 'a', value: '{"n":2}' }]);
    await eventually(async () =>
      expect(await alpha.streams.tail(TOPICS.assetBroadcast, 1)).toMatchObject([
        { value: '{"n":1}', headers: { from: 'hq' } },
      ]),
    );
    await eventually(async () => expect(await hq.streams.tail(request, 1)).toMatchObject([{ value: '{"n":2}' }]));
    expect(await alpha.tables.insert('assets', { _id: 'a', status: 'announced' })).toBe(true);
    expect(await alpha.tables.find('assets', { condition: { $eq: { status: 'announced' } } })).toEqual([
      { _id: 'a', status: 'announced' },
    ]);
    const { inbound, outbound, conditions } = await alpha.links!.status();
    expect([inbound.state, outbound.state, conditions]).toEqual(['up', 'up', null]);
    expect(doubles.flatMap((double) => double.strayParameters)).toEqual([]);
  });

  it('keeps files, and mirrors those of the other cluster under its own name', async () => {
    const [hq, alpha] = [open('hq'), open('alpha')];
    await hq.volumes.ensureVolume(VOLUMES.outbound('alpha'));
    const info = await hq.volumes.put(VOLUMES.outbound('alpha'), 'a/file.bin', Buffer.from('content'));
    expect(await hq.volumes.stat(VOLUMES.outbound('alpha'), 'a/file.bin')).toMatchObject({ sha256: info.sha256 });
    await alpha.volumes.ensureMirror(VOLUMES.inbound, { volume: VOLUMES.outbound('alpha'), site: 'hq' });
    expect((await alpha.volumes.mirrorStatus(VOLUMES.inbound)).source).toBe(`${VOLUMES.outbound('alpha')}@${CORE}`);
    const content = await hq.volumes.get(VOLUMES.outbound('alpha'), 'a/file.bin', { range: { start: 3 } });
    expect((await buffer(content!.stream)).toString()).toBe('tent');
  });

  it('takes a staged file back, though there are no listings', async () => {
    const { tables, volumes } = open('hq');
    const volume = VOLUMES.outbound('bravo');
    await tables.ensureTable('assets');
    await tables.ensureTable('requests');
    await tables.put('assets', { _id: 'asset-1', file: { fileName: 'scene.png' } });
    await volumes.ensureVolume(volume);
    const path = assetPath('asset-1', 'scene.png');
    await volumes.put(volume, path, Buffer.from('content'));
    await expect(volumes.list(volume)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    const request = { _id: 'request-1', assetId: 'asset-1', edge: 'bravo' } as HqRequestRow;
    await unstageFile({ ports: { tables, volumes } } as ServiceContext, request);
    expect(await volumes.stat(volume, path)).toBeNull();
  });

  it("trusts the cluster's own authority at every door, and no other", async () => {
    const { ca, certificate, key } = makeCertificates(root.directory);
    const caFile = path.join(root.directory, 'cluster-ca.pem');
    await writeFile(caFile, ca);
    const secured = await startClusterDouble(() => fabrics[0]!.rest, { certificate, key });
    doubles.push(secured);
    const port = Number(new URL(secured.baseUrl).port);
    const over = (more: object) => {
      const [hq] = config.sites;
      const doors = { adminPort: port, tablesPort: port, streamsPort: port, tls: true };
      const sites = [{ ...hq, fabric: { ...hq!.fabric, ...doors, ...more } }] as FieldlineConfig['sites'];
      return openSite({ ...config, sites }, sites[0]!);
    };
    const ask = ({ streams, tables, volumes }: SitePorts) => [
      streams.topics('replicated'),
      tables.get('assets', 'none'),
      volumes.stat(VOLUMES.assets, 'none'),
    ];
    const trusted = over({ caFile });
    await provision({ id: 'hq', role: 'hq' }, trusted);
    await trusted.streams.produce(TOPICS.assetBroadcast, [{ key: 'tls', value: '{"n":3}' }]);
    expect((await Promise.all(ask(trusted))).slice(1)).toEqual([null, null]);
    for (const asked of ask(over({}))) await expect(asked).rejects.toThrow(/certificate/);
  });

  it('says at every door that the password is wrong', async () => {
    const wrong = path.join(root.directory, 'wrong');
    await writeFile(wrong, 'wrong');
    const sites = config.sites.map((site) => ({ ...site, fabric: { ...site.fabric, passwordFile: wrong } }));
    const ports = createPorts(
      { ...config, sites: sites as FieldlineConfig['sites'] },
      sites[0] as (typeof config.sites)[0],
    );
    opened.push(ports);
    for (const door of [
      () => ports.streams.topics('pipeline'),
      () => ports.tables.get('assets', 'a'),
      () => ports.volumes.stat('assets', 'a'),
    ])
      await expect(door()).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  });
});
