/** HQ of a running demo mission moves to real Apache Kafka, PostgreSQL and S3, and back. */
import { readFileSync } from 'node:fs';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionInput, ConnectionTest } from '@/lib/api/connections';
import { openApiDocument } from '@/lib/api/openapi';
import { TABLES } from '@/lib/domain/naming';
import { createPostgresTables } from '@/lib/drivers/postgres';
import { startKafka } from '@/scripts/engines/kafka.mjs';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { startS3 } from '@/scripts/engines/s3.mjs';
import {
  draftConnection,
  getConnection,
  listConnections,
  moveConnection,
  prepareConnection,
  removeConnection,
  testConnection,
} from '../operations/connections';
import { type ConnectedMission, startConnectedMission, WAIT } from './testing';

const BUCKET = 'missions';

describe.skipIf(!(engine('kafka').home && engine('postgres').home && engine('s3').home))('moving HQ to engines', () => {
  let mission: ConnectedMission;
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let s3: Awaited<ReturnType<typeof startS3>>;
  let bucket: S3Client;
  /** What nobody may ever be told again. */
  let secrets: string[];

  const input = (): { fabric: Extract<ConnectionInput['fabric'], { kind: 'kafka' }> } => ({
    fabric: {
      kind: 'kafka',
      brokers: kafka.brokers,
      replicationFactor: 1,
      postgres: {
        host: postgres.host,
        port: postgres.port,
        database: postgres.database,
        user: postgres.user,
        password: postgres.password,
      },
      s3: {
        endpoint: s3.endpoint,
        region: s3.region,
        bucket: BUCKET,
        pathStyle: true,
        accessKeyId: s3.accessKeyId,
        secretAccessKey: s3.secretAccessKey,
      },
    },
  });
  const codes = ({ doors }: ConnectionTest) => Object.fromEntries(doors.map(({ door, code }) => [door, code]));
  async function codesOf(change: (fabric: ReturnType<typeof input>['fabric']) => void) {
    const changed = input();
    change(changed.fabric);
    await draftConnection(mission.runtime(), 'hq', changed);
    return codes(await testConnection(mission.runtime(), 'hq', 'draft'));
  }
  const failures = (job: { steps: { title: string; error: unknown }[] }) => job.steps.filter(({ error }) => error);

  beforeAll(async () => {
    [kafka, postgres, s3] = await Promise.all([startKafka(), startPostgres(), startS3()]);
    const { endpoint, region, accessKeyId, secretAccessKey } = s3;
    bucket = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
    await bucket.send(new CreateBucketCommand({ Bucket: BUCKET }));
    secrets = [postgres.password, s3.secretAccessKey];
    mission = await startConnectedMission(['one', 'two']);
  });
  afterAll(async () => {
    await mission?.stop();
    bucket?.destroy();
    for (const each of [s3, postgres, kafka]) await each?.stop();
  });

  it('says for each door why it can not be used', async () => {
    const port = (address: string) => Number(address.split(':').at(-1));
    expect(await codesOf(() => undefined)).toEqual({ streams: null, tables: null, volumes: null });
    expect(
      await codesOf((fabric) => {
        fabric.brokers = ['nobody.invalid:9092'];
        fabric.postgres.database = 'none';
        fabric.s3.bucket = 'no-such-bucket';
      }),
    ).toEqual({ streams: 'name-not-resolved', tables: 'database-missing', volumes: 'bucket-missing' });
    expect(
      await codesOf((fabric) => {
        fabric.brokers = [new URL(s3.endpoint).host];
        fabric.postgres.password = 'wrong';
        fabric.s3.secretAccessKey = 'wrong';
      }),
    ).toEqual({ streams: 'wrong-service', tables: 'credentials', volumes: 'credentials' });
    expect(
      await codesOf((fabric) => {
        fabric.tls = {};
        fabric.postgres.port = port(kafka.brokers[0]!);
        fabric.s3.endpoint = `http://127.0.0.1:${postgres.port}`;
      }),
    ).toEqual({ streams: 'wrong-service', tables: 'wrong-service', volumes: 'wrong-service' });
  });

  it('moves a mission in which assets were asked for, and answers what is asked afterwards', async () => {
    const runtime = () => mission.runtime();
    await mission.deliver('one');
    const foreign = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin();
    await foreign.connect();
    await foreign.createTopics({ topics: [{ topic: 'other.topic', numPartitions: 1 }] });
    await postgres.query('CREATE SCHEMA other; CREATE TABLE other.rows (id text)');
    await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'other/key', Body: 'x' }));
    // One of the mission's own names, and there before it: who knows whose.
    const before = { groupId: 'missionx.bravo.viewer', topic: 'other.topic' };
    await foreign.setOffsets({ ...before, partitions: [{ partition: 0, offset: '0' }] });
    await draftConnection(runtime(), 'hq', input());
    await prepareConnection(runtime(), 'hq');
    expect(failures(await mission.jobDone())).toEqual([]);
    await moveConnection(runtime(), 'hq');
    const job = await mission.jobDone();
    expect(failures(job)).toEqual([]);
    await mission.fabrics.hq.kill();
    await mission.deliver('two');
    // No names of a mission's, made while it is there.
    await foreign.createTopics({ topics: [{ topic: 'missionx.pipeline.THEIRS', numPartitions: 1 }] });
    const { host, port, user, password, database: name } = postgres;
    const tables = createPostgresTables({ host, port, user, password, database: name, mission: 'missionx' });
    await tables.ensureTable('theirs');
    await tables.put('theirs', { _id: 'a' });
    await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'missionx.theirs/volume.json', Body: '{}' }));
    await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'missionx.theirs/files/a', Body: 'x' }));
    mission.names.push('three');
    await mission.deliver('three');
    await expect.poll(mission.requestStates, WAIT).toEqual(['received', 'received', 'received']);
    expect(await runtime().sites.get('hq')!.ports.tables.count(TABLES.assets)).toBe(3);
    await mission.restart();
    await expect.poll(() => runtime().health().ready, WAIT).toBe(true);
    mission.names.push('four');
    await mission.deliver('four');

    await mission.fabrics.hq.start();
    await removeConnection(runtime(), 'hq', { id: 'configured', confirm: 'missionx' });
    expect(failures(await mission.jobDone())).toEqual([]);
    await draftConnection(runtime(), 'hq', mission.embedded(mission.fabrics.hq));
    await moveConnection(runtime(), 'hq');
    expect(failures(await mission.jobDone())).toEqual([]);
    mission.names.push('five');
    await mission.deliver('five');

    const [left] = getConnection(runtime(), 'hq').previous;
    await removeConnection(runtime(), 'hq', { id: left!.id, confirm: 'missionx' });
    const removal = await mission.jobDone();
    expect(failures(removal)).toEqual([]);
    const details = removal.steps.map(({ title, detail }) => `${title}: ${detail}`);
    for (const detail of [
      /^The consumer groups of .*; kept: missionx\.bravo\.viewer, which was there before$/,
      /^The topics of .*; left: missionx\.pipeline\.THEIRS, which no mission makes$/,
      /^The tables of .*assets.*; left: theirs, which no mission makes$/,
      /^The volumes of .*; left: missionx\.theirs, which no mission makes$/,
    ])
      expect(details).toContainEqual(expect.stringMatching(detail));
    const topics = (await foreign.listTopics()).filter((topic) => !topic.startsWith('__'));
    expect(topics.sort()).toEqual(['missionx.pipeline.THEIRS', 'other.topic']);
    const { groups } = await foreign.listGroups();
    expect(groups.map(({ groupId }) => groupId).filter((id) => id.startsWith('missionx.'))).toEqual([before.groupId]);
    expect(await tables.find('theirs')).toEqual([{ _id: 'a' }]);
    await tables.close();
    await foreign.disconnect();
    const rows = await postgres.query(
      "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables WHERE table_schema IN ('other', 'fieldline_missionx') ORDER BY 1",
    );
    expect(rows.map((row) => row.name)).toEqual([
      'fieldline_missionx._migrations',
      'fieldline_missionx.theirs',
      'other.rows',
    ]);
    const { Contents } = await bucket.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    expect(Contents?.map(({ Key }) => Key)).toEqual([
      'missionx.theirs/files/a',
      'missionx.theirs/volume.json',
      'other/key',
    ]);
    await bucket.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'other/key' }));
  }, 300_000);

  it('told no secret to anybody', () => {
    const told = [
      JSON.stringify(listConnections(mission.runtime())),
      JSON.stringify(openApiDocument()),
      JSON.stringify(mission.told),
      readFileSync(`${mission.directory}/connections/hq.json`, 'utf8'),
      ...mission.logged,
    ].join('\n');
    for (const secret of secrets) expect(told).not.toContain(secret);
  });
});
