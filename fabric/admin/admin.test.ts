import { stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FieldlineError } from '@/lib/errors';
import { Sealer } from '@/lib/secrets';
import { RestServer } from '../http/router';
import { openTopicStore } from '../log';
import type { GroupOffsets } from '../log/types';
import { openVolumes, registerFilesDoor, type VolumeStore } from '../volumes';
import { putText, silentLog, temporaryDirectory } from '../volumes/testing';
import { registerAdminDoor } from './door';
import { type GatewayStore, openGateways } from './gateways';
import { openObjectStores } from './object-stores';
import { openStreams } from './streams';
import type { AdminCommands, TableAdmin } from './types';

interface Answer {
  timestamp: number;
  timeofday: string;
  status: string;
  total?: number;
  data?: Record<string, unknown>[];
  messages?: string[];
  errors?: { id: number; desc: string; code: string }[];
}

let root: Awaited<ReturnType<typeof temporaryDirectory>>;
let topics: Awaited<ReturnType<typeof openTopicStore>>;
let volumes: VolumeStore;
let sealer: Sealer;
let gateways: GatewayStore;
let server: RestServer;
let commands: AdminCommands;
let base: string;
let committed: { topic: string; partition: number; offset: number; metadata: string; committedAt: number }[];

/** Tables by path: the admin door's own interface, over a set. */
function tableSet(): TableAdmin {
  const paths = new Set<string>();
  return {
    create: async (table) => !paths.has(table) && paths.add(table).has(table),
    drop: async (table) => paths.delete(table),
    info: async (table) => {
      if (!paths.has(table)) throw new FieldlineError('NOT_FOUND', `No such table: ${table}`);
      return { documents: 3, bytes: 30 };
    },
  };
}

beforeEach(async () => {
  root = await temporaryDirectory();
  topics = await openTopicStore(path.join(root.directory, 'log'), { log: silentLog });
  volumes = await openVolumes({ directory: path.join(root.directory, 'volumes'), siteId: 'hq', log: silentLog });
  sealer = new Sealer({ keyFile: path.join(root.directory, 'secrets', 'key'), generateKey: true });
  gateways = await openGateways(path.join(root.directory, 'gateways.json'), sealer);
  committed = [];
  const groupOffsets: GroupOffsets = { groups: () => ['g'], committed: () => committed };
  server = new RestServer();
  registerFilesDoor(server, volumes);
  commands = registerAdminDoor(server, {
    siteId: 'hq',
    version: '1.2.3',
    troubles: async () => ['The disk is full'],
    doors: () => ({ kafka: '127.0.0.1:19092', rest: '127.0.0.1:18443' }),
    extensions: ['files.list'],
    volumes,
    gateways,
    objectStores: await openObjectStores(path.join(root.directory, 'objectstores.json'), sealer),
    streams: await openStreams(path.join(root.directory, 'streams.json'), topics),
    topics,
    groupOffsets,
    tables: tableSet(),
    log: silentLog,
  });
  base = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}/rest`;
});
afterEach(async () => {
  await server.close();
  await volumes.close();
  await topics.close();
  await root.remove();
});

const call = (method: string, command: string, parameters: Record<string, string> = {}, body?: object) =>
  fetch(`${base}/${command}?${new URLSearchParams(parameters)}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
const post = async (command: string, parameters?: Record<string, string>, body?: object) =>
  (await (await call('POST', command, parameters, body)).json()) as Answer;
const get = async (command: string, parameters?: Record<string, string>) =>
  (await (await call('GET', command, parameters)).json()) as Answer;

describe('the admin door', () => {
  it('answers in the envelope of a cluster', async () => {
    const answer = await get('dashboard/info');
    expect(answer).toMatchObject({
      status: 'OK',
      total: 1,
      data: [
        {
          cluster: { name: 'hq' },
          version: '1.2.3',
          doors: { kafka: '127.0.0.1:19092', rest: '127.0.0.1:18443' },
          extensions: ['files.list'],
          troubles: ['The disk is full'],
        },
      ],
    });
    expect(answer.timestamp).toBeTypeOf('number');
    expect(answer.timeofday).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} GMT\+0000 [AP]M$/);
  });

  it('answers errors with HTTP 200, an errno and words', async () => {
    const response = await call('GET', 'volume/info', { name: 'none' });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ERROR', errors: [{ id: 2, code: 'NOT_FOUND' }] });
    expect((await post('volume/create')).errors).toMatchObject([{ id: 22, desc: 'The parameter name is missing' }]);
    await post('volume/create', { name: 'v' });
    const again = await post('volume/create', { name: 'v' });
    expect(again.errors).toMatchObject([{ id: 17, desc: expect.stringContaining('already exists') }]);
    const path = await post('volume/create', { name: 'w', path: '/v' });
    expect(path.errors).toMatchObject([{ id: 17, desc: expect.stringContaining('already in use') }]);
    expect((await get('volume/info', { name: 'x' })).errors?.[0]?.desc).toMatch(/no such|does not exist/i);
  });

  it('answers a GET of what changes something with a bare HTML 405, and an unknown command with 404', async () => {
    for (const command of ['volume/create', 'volume/mirror/start', 'stream/create', 'stream/delete']) {
      const response = await call('GET', command, { name: 'v', path: '/v' });
      expect(response.status, command).toBe(405);
      expect(response.headers.get('content-type')).toContain('text/html');
    }
    expect(volumes.list()).toEqual([]);
    expect((await call('GET', 'volume')).status).toBe(404);
    expect((await call('GET', 'nothing/at/all')).status).toBe(404);
  });

  it('creates, describes, lists, mounts and removes volumes', async () => {
    const created = await post('volume/create', {
      name: 'missionx.assets',
      path: '/missionx/assets',
      replication: '1',
    });
    expect(created.messages).toEqual(["Successfully created volume: 'missionx.assets'"]);
    await putText(volumes.require('missionx.assets'), 'f', 'x'.repeat(1000));
    await post('volume/create', { name: 'in', type: 'mirror', source: 'out@elsewhere' });
    const [record] = (await get('volume/info', { path: '/missionx/assets' })).data ?? [];
    expect(record).toMatchObject({
      volumename: 'missionx.assets',
      volumetype: 0,
      mountdir: '/missionx/assets',
      mounted: 1,
      numreplicas: '1',
      used: '1',
      usedBytes: 1000,
      files: 1,
      readonly: '0',
    });
    expect((await get('volume/info', { name: 'in' })).data).toMatchObject([
      {
        volumetype: 1,
        mirrorSrcVolume: 'out',
        mirrorSrcCluster: 'elsewhere',
        mirrorstatus: '0',
        lastSuccessfulMirrorTime: 0,
        mirrorpercentcomplete: 0,
        'mirror-percent-complete': 0,
      },
    ]);
    const named = { columns: 'volumename,volumetype', filter: '[volumename==mission*]and[volumetype!=1]' };
    expect(await get('volume/list', named)).toMatchObject({
      total: 1,
      data: [{ volumename: 'missionx.assets', volumetype: 0 }],
    });
    expect(await get('volume/list', { start: '1', limit: '1', columns: 'n' })).toMatchObject({
      total: 2,
      data: [{ volumename: 'missionx.assets' }],
    });
    expect((await get('volume/list', { filter: 'nonsense' })).errors).toMatchObject([{ id: 22 }]);

    const wrong = await post('volume/mount', { name: 'missionx.assets', path: '/other' });
    expect(wrong.errors).toMatchObject([{ id: 22 }]);
    const file = base.replace('/rest', '/files/missionx/assets/f');
    await post('volume/unmount', { name: 'missionx.assets' });
    expect((await fetch(file)).status).toBe(404);
    await post('volume/mount', { name: 'missionx.assets', path: '/missionx/assets' });
    expect((await fetch(file)).status).toBe(200);

    expect((await post('volume/remove', { name: 'missionx.assets', force: 'true' })).status).toBe('OK');
    expect((await fetch(file)).status).toBe(404);
    expect((await post('volume/remove', { name: 'missionx.assets' })).errors).toMatchObject([{ id: 2 }]);
  });

  it('refuses mirrors without a proper source, and runs of what is no mirror', async () => {
    expect((await post('volume/create', { name: 'm', type: 'mirror' })).errors).toMatchObject([{ id: 22 }]);
    for (const source of ['vol', '@hq', 'vol@', 'a@b@c', '../x@hq'])
      expect((await post('volume/create', { name: 'm', type: 'mirror', source })).errors, source).toMatchObject([
        { id: 22 },
      ]);
    await post('volume/create', { name: 'v' });
    expect((await post('volume/mirror/start', { name: 'v' })).errors).toMatchObject([{ id: 22 }]);
    expect((await post('volume/create', { name: 'x', type: 'other' })).errors).toMatchObject([{ id: 22 }]);
    expect((await post('volume/create', { name: 'x', path: '/../etc' })).errors).toMatchObject([{ id: 22 }]);
    expect((await post('volume/create', { name: '../x' })).errors).toMatchObject([{ id: 22 }]);
  });

  it('starts, shows, stops, promotes and demotes mirrors', async () => {
    await post('volume/create', { name: 'out' });
    await putText(volumes.require('out'), 'f', 'content');
    await post('volume/create', { name: 'in', type: 'mirror', source: 'out@hq' });
    expect((await post('volume/mirror/status', { name: 'in', refreshnow: 'true' })).data).toMatchObject([
      { state: 'idle', source: 'out@hq', filesTotal: 1, bytesTotal: 7, refreshError: null, mirrorpercentcomplete: 0 },
    ]);
    const started = await post('volume/mirror/start', { name: 'in' });
    expect(started.messages).toEqual(["Started mirror operation for volumes 'in'"]);
    await expect
      .poll(async () => (await get('volume/mirror/status', { name: 'in' })).data?.[0])
      .toMatchObject({ state: 'idle', lastError: null, lastSuccessAt: expect.any(Number), filesTotal: 0 });
    expect((await get('volume/info', { name: 'in' })).data).toMatchObject([
      { mirrorstatus: '0', mirrorpercentcomplete: 100, files: 1 },
    ]);
    expect((await post('volume/mirror/stop', { name: 'in' })).messages).toEqual([
      "Stopped mirror operation for volumes 'in'",
    ]);
    await post('volume/modify', { name: 'in', type: 'rw' });
    expect((await get('volume/info', { name: 'in' })).data).toMatchObject([{ volumetype: 0, mirrorSrcVolume: 'out' }]);
    await post('volume/modify', { name: 'in', type: 'mirror', source: 'other@hq' });
    expect((await get('volume/info', { name: 'in' })).data).toMatchObject([
      { volumetype: 1, mirrorSrcVolume: 'other' },
    ]);
  });

  it('keeps object stores in a file of its owner alone, and never tells their credentials', async () => {
    const set = (body: unknown, parameters: Record<string, string> = {}) => {
      const wanted = { dstcluster: 'hq2', endpoint: 'https://s3.example:9000', bucket: 'missions', ...parameters };
      return fetch(`${base}/cluster/objectstore/set?${new URLSearchParams(wanted)}`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
    };
    const answer = await set({ accessKeyId: 'key', secretAccessKey: 'very-secret' });
    expect(await answer.json()).toMatchObject({ status: 'OK' });
    const listed = await get('cluster/objectstore/list');
    expect(listed.data).toEqual([
      {
        cluster: 'hq2',
        endpoint: 'https://s3.example:9000',
        bucket: 'missions',
        region: 'us-east-1',
        pathstyle: true,
        ca: false,
      },
    ]);
    const file = path.join(root.directory, 'objectstores.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await openObjectStores(file, sealer)).get('hq2')?.credentials).toEqual({
      accessKeyId: 'key',
      secretAccessKey: 'very-secret',
    });
    for (const [body, parameters] of [
      [{ accessKeyId: 'key' }, {}],
      ['very-secret', {}],
      [{ accessKeyId: 'key', secretAccessKey: 'very-secret' }, { endpoint: 's3.example' }],
      [{ accessKeyId: 'key', secretAccessKey: 'very-secret' }, { dstcluster: 'hq' }],
      [{ accessKeyId: 'key', secretAccessKey: 'very-secret' }, { bucket: '../x' }],
    ] as const) {
      const refused = await (await set(body, parameters)).text();
      expect(JSON.parse(refused)).toMatchObject({ status: 'ERROR', errors: [{ code: 'REQUEST_INVALID' }] });
      expect(refused).not.toContain('very-secret');
    }
    expect(await post('cluster/objectstore/delete', { dstcluster: 'hq2' })).toMatchObject({ status: 'OK' });
    expect((await post('cluster/objectstore/delete', { dstcluster: 'hq2' })).errors).toMatchObject([{ id: 2 }]);
  });

  it('keeps gateways, durably, and tells of changes', async () => {
    let changes = 0;
    gateways.onChange(() => {
      changes += 1;
    });
    await post('cluster/gateway/set', { dstcluster: 'hq2', gateways: 'h1:18443 h2:18443' });
    await post('cluster/gateway/set', { dstcluster: 'hq2', gateways: 'h1:18443 h2:18443' });
    expect(changes).toBe(1);
    expect((await get('cluster/gateway/list')).data).toEqual([{ cluster: 'hq2', gatewayConfig: 'h1:18443 h2:18443' }]);
    expect((await openGateways(path.join(root.directory, 'gateways.json'), sealer)).get('hq2')?.gateways).toBe(
      'h1:18443 h2:18443',
    );
    expect((await get('cluster/gateway/get', { dstcluster: 'x' })).errors).toMatchObject([{ id: 2 }]);
    expect((await post('cluster/gateway/set', { dstcluster: 'x', gateways: 'http://x' })).errors).toMatchObject([
      { id: 22 },
    ]);
    await post('cluster/gateway/delete', { dstcluster: 'hq2' });
    expect(gateways.list()).toEqual([]);
    expect(changes).toBe(2);
  });

  it('keeps the credentials of a gateway to itself, in a file for its owner alone', async () => {
    const security = {
      tls: { ca: 'a certificate', serverName: 'hq.example' },
      sasl: { mechanism: 'scram-sha-512', username: 'alpha', password: 'no-such-word' },
    };
    const to = { dstcluster: 'hq2', gateways: 'h1:18443' };
    expect(JSON.stringify(await post('cluster/gateway/set', to, security))).not.toContain('no-such-word');
    const list = await get('cluster/gateway/list');
    expect(list.data).toEqual([{ cluster: 'hq2', gatewayConfig: 'h1:18443', tls: true, credentials: true }]);
    const file = path.join(root.directory, 'gateways.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await openGateways(file, sealer)).get('hq2')).toEqual({ cluster: 'hq2', gateways: 'h1:18443', security });
    const wrong = await post('cluster/gateway/set', to, { sasl: { password: 'no-such-word' } });
    expect(wrong.errors).toMatchObject([{ id: 22 }]);
    expect(JSON.stringify(wrong)).not.toContain('no-such-word');
    await post('cluster/gateway/set', to);
    expect(gateways.list()).toEqual([{ cluster: 'hq2', gateways: 'h1:18443' }]);
    await post('cluster/gateway/delete', { dstcluster: 'hq2' });
  });

  it('administers tables', async () => {
    expect((await post('table/create', { path: '/missionx/assets' })).status).toBe('OK');
    expect((await post('table/create', { path: '/missionx/assets' })).errors).toMatchObject([{ id: 17 }]);
    expect((await get('table/info', { path: '/missionx/assets' })).data).toMatchObject([
      { path: '/missionx/assets', totalrows: 3 },
    ]);
    expect((await post('table/delete', { path: '/missionx/assets' })).status).toBe('OK');
    expect((await get('table/info', { path: '/missionx/assets' })).errors).toMatchObject([{ id: 2 }]);
  });

  it('administers streams and their topics, which are Kafka topics by another name', async () => {
    const stream = { path: '/missionx/replicated' };
    expect((await get('stream/info', stream)).errors).toMatchObject([
      { id: 2, desc: expect.stringContaining('is not a valid stream') },
    ]);
    await post('stream/create', { ...stream, ttl: '3600', defaultpartitions: '2', compression: 'lz4' });
    expect((await post('stream/create', stream)).errors).toMatchObject([{ id: 17 }]);
    expect((await post('stream/create', { path: '/missionx/replicated/x' })).errors).toMatchObject([{ id: 17 }]);
    await post('stream/topic/create', { ...stream, topic: 'ONE' });
    await topics.create('missionx.replicated.TWO', { partitions: 1 });
    await topics.create('other', { partitions: 1 });
    expect(topics.get('missionx.replicated.ONE')).toMatchObject({ partitions: 2, config: { retentionMs: 3_600_000 } });
    expect((await get('stream/info', { path: '/mapr/hq/missionx/replicated' })).data).toMatchObject([
      { path: '/missionx/replicated', numtopics: 2, defaultpartitions: 2, ttl: 3600, autocreate: true },
    ]);
    committed = [{ topic: 'missionx.replicated.ONE', partition: 1, offset: 0, metadata: '', committedAt: 1 }];
    expect((await get('stream/topic/list', stream)).data).toMatchObject([
      { topic: 'ONE', partitions: 2, consumers: 1, maxlag: 0 },
      { topic: 'TWO', partitions: 1, consumers: 0, maxlag: 0 },
    ]);
    expect((await get('stream/topic/info', { ...stream, topic: 'ONE' })).data).toMatchObject([
      { partitionid: 0, maxoffset: -1, mintimestamp: '1970-01-01T00:00:00.000+0000 AM' },
      { partitionid: 1, maxoffset: -1 },
    ]);
    expect((await get('stream/cursor/list', stream)).data).toMatchObject([
      {
        consumergroup: 'g',
        topic: 'ONE',
        partitionid: 1,
        committedoffset: -1,
        produceroffset: -1,
        consumerlagmillis: 0,
      },
    ]);
    expect((await get('stream/cursor/list', { ...stream, consumergroup: 'h' })).data).toEqual([]);
    await post('stream/topic/edit', { ...stream, topic: 'ONE', partitions: '3' });
    expect(topics.get('missionx.replicated.ONE')?.partitions).toBe(3);
    expect((await post('stream/topic/edit', { ...stream, topic: 'ONE', partitions: '1' })).status).toBe('ERROR');
    await post('stream/edit', { ...stream, ttl: '0' });
    expect(topics.get('missionx.replicated.TWO')?.config.retentionMs).toBe(-1);
    expect((await post('stream/topic/create', { ...stream, topic: 'ONE' })).errors).toMatchObject([{ id: 17 }]);
    expect((await post('stream/topic/create', { ...stream, topic: 'a/b' })).errors).toMatchObject([{ id: 22 }]);
    await post('stream/topic/delete', { ...stream, topic: 'ONE' });
    expect((await get('stream/topic/info', { ...stream, topic: 'ONE' })).errors).toMatchObject([{ id: 2 }]);
    await post('stream/delete', stream);
    expect(topics.list().map((topic) => topic.name)).toEqual(['other']);
  });

  it('takes commands of other parts, and keeps their unexpected errors to itself', async () => {
    commands.register('stream/replica/list', {
      methods: ['GET', 'POST'],
      run: (parameters) => ({ data: [{ path: parameters.required('path'), n: 1 }] }),
    });
    commands.register('link/break', {
      methods: ['POST'],
      run: () => {
        throw new Error('the secret inside');
      },
    });
    expect((await get('stream/replica/list', { path: '/s' })).data).toEqual([{ path: '/s', n: 1 }]);
    expect((await post('link/break')).errors).toEqual([{ id: 5, desc: 'Internal error', code: 'INTERNAL' }]);
    expect(() => commands.register('link/break', { methods: ['POST'], run: () => ({}) })).toThrow(/registered already/);
  });
});
