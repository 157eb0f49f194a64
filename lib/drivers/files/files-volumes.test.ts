import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// biome-ignore-start lint/style/noRestrictedImports: a driver is tested against the real doors, not against an idea of them.
import { openGateways, openObjectStores, openStreams, registerAdminDoor } from '@/fabric/admin';
import { RestServer } from '@/fabric/http/router';
import type { Dialer, Upstream } from '@/fabric/links/types';
import { openTopicStore } from '@/fabric/log';
import { FILES_EXTENSIONS, openVolumes, registerFilesDoor } from '@/fabric/volumes';
// biome-ignore-end lint/style/noRestrictedImports: see above
import { FieldlineError } from '@/lib/errors';
import { volumesConformance } from '@/lib/ports/conformance/volumes';
import { Sealer } from '@/lib/secrets';
import { createFilesVolumes } from '.';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const ALL = [...FILES_EXTENSIONS, 'mirror.status'];

/** The volumes of a site behind its real files and admin doors. */
async function startSite(directory: string, site: string, way?: { dialer: Dialer; upstream: Upstream }) {
  const topics = await openTopicStore(path.join(directory, 'topics'), { log: silent });
  const volumes = await openVolumes({ directory: path.join(directory, 'volumes'), siteId: site, log: silent, ...way });
  const sealer = new Sealer({ keyFile: path.join(directory, 'key'), generateKey: true });
  const server = new RestServer();
  registerFilesDoor(server, volumes);
  registerAdminDoor(server, {
    siteId: site,
    version: '0',
    troubles: async () => [],
    doors: () => ({ kafka: '127.0.0.1:1', rest: `127.0.0.1:${port}` }),
    extensions: ALL,
    volumes,
    gateways: await openGateways(path.join(directory, 'gateways.json'), sealer),
    objectStores: await openObjectStores(path.join(directory, 'objectstores.json'), sealer),
    streams: await openStreams(path.join(directory, 'streams.json'), topics),
    topics,
    groupOffsets: { groups: () => [], committed: () => [] },
    tables: {
      create: async () => false,
      drop: async () => false,
      info: async () => {
        throw new FieldlineError('NOT_FOUND', 'No tables here');
      },
    },
    log: silent,
  });
  const port = await server.listen('127.0.0.1', 0);
  return {
    port,
    store: volumes,
    baseUrl: `http://127.0.0.1:${port}`,
    close: async () => {
      await server.close();
      await volumes.close();
      await topics.close();
    },
  };
}

function wayTo(site: string, port: number): { dialer: Dialer; upstream: Upstream } {
  const dialer: Dialer = {
    agent: new Agent({ keepAlive: true }),
    dial: async () => {
      throw new FieldlineError('UNSUPPORTED', 'Mirrors use the agent');
    },
    conditions: () => ({ cut: false, bytesPerSecond: null, latencyMs: 0 }),
    setConditions: () => undefined,
    traffic: () => ({ bytesIn: 0, bytesOut: 0, estimatedBytesPerSecond: null, provenBytesPerSecond: null }),
  };
  const host = '127.0.0.1';
  const upstream: Upstream = {
    configured: `${host}:${port}`,
    lastSeenAt: null,
    resolve: async () => ({ site, kafka: { host, port: 1 }, rest: { host, port } }),
  };
  return { dialer, upstream };
}

async function twoSites(extensions?: readonly string[]) {
  const directory = await mkdtemp(path.join(tmpdir(), 'fieldline-files-'));
  const hq = await startSite(path.join(directory, 'hq'), 'hq');
  const edge = await startSite(path.join(directory, 'alpha'), 'alpha', wayTo('hq', hq.port));
  const volumes = createFilesVolumes({ baseUrl: edge.baseUrl, mission: 'missionx', site: 'alpha', extensions });
  const source = createFilesVolumes({ baseUrl: hq.baseUrl, mission: 'missionx', site: 'hq' });
  return {
    volumes,
    source: { site: 'hq', volumes: source },
    edge,
    dispose: async () => {
      await Promise.all([volumes.close(), source.close()]);
      await edge.close();
      await hq.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

volumesConformance('files and admin REST of an embedded fabric', () => twoSites());
// A cluster's API without listings can not pass the whole suite; without the other extensions it must.
volumesConformance('the same without copies on the server', () => twoSites(['files.list', 'mirror.status']));

describe('the files driver', () => {
  let sites: Awaited<ReturnType<typeof twoSites>>;
  beforeEach(async () => {
    sites = await twoSites([]);
  });
  afterEach(() => sites.dispose());

  it('names and mounts volumes by mission', async () => {
    await sites.volumes.ensureVolume('assets');
    await sites.volumes.ensureMirror('inbound', { volume: 'outbound-alpha', site: 'hq' });
    expect(sites.edge.store.list().map(({ record }) => [record.name, record.path, record.source])).toEqual([
      ['missionx.assets', '/missionx/assets', null],
      ['missionx.inbound', '/missionx/inbound', { volume: 'missionx.outbound-alpha', cluster: 'hq' }],
    ]);
  });

  it('tells of a mirror what a cluster tells, where there is no more', async () => {
    await sites.volumes.ensureMirror('inbound', { volume: 'outbound-alpha', site: 'hq' });
    expect(await sites.volumes.mirrorStatus('inbound')).toMatchObject({
      state: 'idle',
      source: 'outbound-alpha@hq',
      filesTotal: null,
      lastSuccessAt: null,
    });
    await expect(sites.volumes.list('inbound')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('does not turn a promoted mirror back by itself, and follows a changed source', async () => {
    await sites.volumes.ensureMirror('inbound', { volume: 'a', site: 'hq' });
    await sites.volumes.ensureMirror('inbound', { volume: 'b', site: 'hq' });
    expect(sites.edge.store.require('missionx.inbound').record.source?.volume).toBe('missionx.b');
    await sites.edge.store.modify('missionx.inbound', { type: 'rw' });
    await expect(sites.volumes.ensureMirror('inbound', { volume: 'b', site: 'hq' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await sites.volumes.ensureMirror('other', { volume: 'b', site: 'hq' });
    await expect(sites.volumes.ensureVolume('other')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('says UNAVAILABLE when nothing listens', async () => {
    const nobody = createFilesVolumes({ baseUrl: 'http://127.0.0.1:9', mission: 'm', site: 'alpha' });
    await expect(nobody.stat('v', 'f')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(nobody.ensureVolume('v')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await nobody.close();
  });
});
