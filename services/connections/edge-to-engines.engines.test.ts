/** An edge of a mission whose HQ is on Apache Kafka goes to a Kafka, PostgreSQL and S3 of its own, and back to an embedded fabric. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionInput } from '@/lib/api/connections';
import { FabricProcess } from '@/lib/drivers/testing/fabric-process';
import { nameBucket } from '@/lib/s3/testing/s3-server';
import { startConnect, startKafka } from '@/scripts/engines/kafka.mjs';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { startS3 } from '@/scripts/engines/s3.mjs';
import { StartedEngines } from '@/scripts/engines/started';
import {
  draftConnection,
  getConnection,
  moveConnection,
  prepareConnection,
  removeConnection,
  testConnection,
  useConnection,
} from '../operations/connections';
import { type ConnectedMission, startConnectedMission, WAIT } from './testing';

const SITES = ['hq', 'alpha'] as const;
const missing = (['kafka', 'postgres', 's3'] as const).map((name) => engine(name).why).find((why) => why !== null);

describe.skipIf(missing)(`an edge that goes to engines${missing ? ` (${missing})` : ''}`, () => {
  const engines = new StartedEngines();
  const kafka = {} as Record<(typeof SITES)[number], Awaited<ReturnType<typeof startKafka>>>;
  let connect: Awaited<ReturnType<typeof startConnect>>;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let s3: Awaited<ReturnType<typeof startS3>>;
  let mission: ConnectedMission;
  let fresh: FabricProcess;

  beforeAll(async () => {
    for (const site of SITES) kafka[site] = await engines.add(startKafka());
    [connect, postgres, s3] = await Promise.all([
      engines.add(startConnect({ broker: kafka.alpha.broker })),
      engines.add(startPostgres()),
      engines.add(startS3()),
    ]);
    for (const site of SITES) {
      await nameBucket(s3, `bucket-${site}`);
      await postgres.query(`CREATE DATABASE site_${site}`);
    }
    mission = await startConnectedMission(['one', 'two']);
    fresh = await new FabricProcess('alpha', path.join(mission.directory, 'fresh')).start();
  });
  afterAll(async () => {
    await mission?.stop();
    await fresh?.kill();
    await engines.stop();
  });

  const runtime = () => mission.runtime();
  const input = (site: (typeof SITES)[number], url = connect.url): ConnectionInput => {
    const { host, port, user, password } = postgres;
    const { endpoint, region, accessKeyId, secretAccessKey } = s3;
    return {
      fabric: {
        kind: 'kafka',
        brokers: kafka[site].brokers,
        replicationFactor: 1,
        postgres: { host, port, user, password, database: `site_${site}` },
        s3: { endpoint, region, bucket: `bucket-${site}`, pathStyle: true, accessKeyId, secretAccessKey },
        ...(site === 'alpha' && { connect: { url } }),
      },
    };
  };
  async function done(site: string) {
    await expect.poll(() => getConnection(runtime(), site).job?.state, WAIT).not.toBe('running');
    const { steps } = getConnection(runtime(), site).job!;
    expect(steps.filter(({ error }) => error)).toEqual([]);
    return steps.map(({ title }) => title);
  }
  const connectors = async () => ((await (await fetch(`${connect.url}/connectors`)).json()) as string[]).sort();
  const doors = async () =>
    (await testConnection(runtime(), 'alpha', 'draft')).doors.map(({ door, code }) => [door, code]);

  it('waits until HQ is on Kafka, and says so', async () => {
    const { use } = await draftConnection(runtime(), 'alpha', input('alpha'));
    expect(use).toEqual({ possible: false, reason: expect.stringContaining('HQ is on none') });
    expect(await doors()).toEqual([
      ['streams', null],
      ['tables', null],
      ['volumes', null],
      ['link', 'failed'],
    ]);
    await draftConnection(runtime(), 'hq', input('hq'));
    await moveConnection(runtime(), 'hq');
    await done('hq');
    expect(getConnection(runtime(), 'alpha').use).toEqual({ possible: true, reason: null });
    await mission.deliver('one');
  });

  it('names each door that can not be used, that of Kafka Connect too', async () => {
    for (const [url, code] of [
      [mission.fabrics.alpha.baseUrl, 'wrong-service'],
      ['http://127.0.0.1:9', 'refused'],
      ['http://nobody.invalid:8083', 'name-not-resolved'],
    ] as const) {
      await draftConnection(runtime(), 'alpha', input('alpha', url));
      expect(await doors()).toEqual([
        ['streams', null],
        ['tables', null],
        ['volumes', null],
        ['link', code],
      ]);
    }
  });

  it('goes over to Kafka, PostgreSQL and S3 with its link, and is delivered there what it asks for', async () => {
    await draftConnection(runtime(), 'alpha', input('alpha'));
    expect((await testConnection(runtime(), 'alpha', 'draft')).ok).toBe(true);
    const prepared = async () => {
      await prepareConnection(runtime(), 'alpha');
      await done('alpha');
      return getConnection(runtime(), 'alpha').job!.steps.map(({ title, state }) => `${title}: ${state}`);
    };
    expect(await prepared()).toContain('Link with HQ: connectors of Kafka Connect: done');
    expect(await connectors()).toEqual(['fieldline.missionx.alpha.inbound', 'fieldline.missionx.alpha.outbound']);
    expect((await prepared()).filter((step) => !step.endsWith(': skipped'))).toEqual([]);
    await useConnection(runtime(), 'alpha');
    expect((await done('alpha')).at(-1)).toBe('The link of alpha begins there');
    await mission.deliver('two');
    mission.names.push('three');
    await mission.deliver('three');
    expect(runtime().sites.get('alpha')!.config.fabric.kind).toBe('kafka');
  });

  it('goes on there after a start', async () => {
    await mission.restart();
    await expect.poll(() => runtime().health().ready, WAIT).toBe(true);
    mission.names.push('four');
    await mission.deliver('four');
  });

  it('goes to an embedded fabric again, and what is removed at the engines is what it made there', async () => {
    const foreign = { 'connector.class': 'org.apache.kafka.connect.mirror.MirrorHeartbeatConnector' };
    const clusters = { 'source.cluster.alias': 'a', 'target.cluster.alias': 'b' };
    const bootstrap = { 'target.cluster.bootstrap.servers': kafka.alpha.broker };
    await fetch(`${connect.url}/connectors/theirs/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...foreign, ...clusters, ...bootstrap }),
    });
    await draftConnection(runtime(), 'alpha', mission.embedded(fresh));
    await useConnection(runtime(), 'alpha');
    await done('alpha');
    await mission.deliver('one');
    mission.names.push('five');
    await mission.deliver('five');
    const before = getConnection(runtime(), 'alpha').previous.find(({ target }) => target.fabric.kind === 'kafka')!;
    await removeConnection(runtime(), 'alpha', { id: before.id, confirm: 'missionx' });
    await done('alpha');
    expect(await connectors()).toEqual(['theirs']);
    const schemas = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'fieldline_%'";
    expect(await postgres.query(schemas, 'site_alpha')).toEqual([]);
  });
});
