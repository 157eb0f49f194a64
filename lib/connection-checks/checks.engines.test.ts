/** The checks, and the removal of what a mission made, against real PostgreSQL and S3. */
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { startS3 } from '@/scripts/engines/s3.mjs';
import { createPostgresTables } from '../drivers/postgres';
import { createPostgresInventory } from '../drivers/postgres/inventory';
import { createS3Volumes } from '../drivers/s3';
import { createS3Inventory } from '../drivers/s3/inventory';
import { asCheckFailure, checkPostgres, checkS3 } from '.';

const codeOf = (check: Promise<void>) =>
  check.then(
    () => 'ok',
    (error) => asCheckFailure(error).code,
  );
const quiet = () => undefined;

describe.skipIf(!(engine('postgres').home && engine('s3').home))('PostgreSQL and S3', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let s3: Awaited<ReturnType<typeof startS3>>;
  let client: S3Client;
  const settings = () => ({
    endpoint: s3.endpoint,
    region: s3.region,
    bucket: 'missions',
    pathStyle: true,
    credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
  });
  const options = () => {
    const { host, port, user, password } = postgres;
    return { host, port, user, password, database: postgres.database, mission: 'm1' };
  };
  const schemas = async () => {
    const rows = await postgres.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'fieldline_%' ORDER BY 1");
    return rows.map(({ nspname }) => nspname);
  };
  const keys = async () =>
    ((await client.send(new ListObjectsV2Command({ Bucket: 'missions' }))).Contents ?? []).map(({ Key }) => Key);

  beforeAll(async () => {
    [postgres, s3] = await Promise.all([startPostgres(), startS3()]);
    const { endpoint, region, credentials } = settings();
    client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'missions' }));
  });
  afterAll(async () => {
    client?.destroy();
    for (const each of [postgres, s3]) await each?.stop();
  });

  it('are checked without leaving anything behind', async () => {
    expect(await codeOf(checkPostgres(options()))).toBe('ok');
    expect(await codeOf(checkS3(settings(), 'm1'))).toBe('ok');
    expect(await schemas()).toEqual([]);
    expect(await keys()).toEqual([]);
  });

  it('say why they can not be used', async () => {
    const database = options();
    expect(await codeOf(checkPostgres({ ...database, password: 'wrong' }))).toBe('credentials');
    expect(await codeOf(checkPostgres({ ...database, database: 'none' }))).toBe('database-missing');
    expect(await codeOf(checkPostgres({ ...database, tls: {} }))).toBe('wrong-service');
    expect(await codeOf(checkPostgres({ ...database, port: Number(new URL(s3.endpoint).port) }))).toBe('wrong-service');
    const bucket = settings();
    const { accessKeyId } = bucket.credentials;
    const wrong = { accessKeyId, secretAccessKey: 'wrong' };
    expect(await codeOf(checkS3({ ...bucket, credentials: wrong }, 'm1'))).toBe('credentials');
    expect(await codeOf(checkS3({ ...bucket, bucket: 'no-such-bucket' }, 'm1'))).toBe('bucket-missing');
    expect(await codeOf(checkS3({ ...bucket, endpoint: `http://127.0.0.1:${database.port}` }, 'm1'))).toBe(
      'wrong-service',
    );
  });

  it('say that a user may not make what a mission needs', async () => {
    await postgres.query("CREATE ROLE reader LOGIN PASSWORD 'reader'");
    expect(await codeOf(checkPostgres({ ...options(), user: 'reader', password: 'reader' }))).toBe('not-authorised');
  });

  it('are left with what others have, once a mission is removed', async () => {
    for (const mission of ['m1', 'm2']) {
      const tables = createPostgresTables({ ...options(), mission });
      await tables.ensureTable('assets');
      await tables.put('assets', { _id: 'a' });
      await tables.close();
      const volumes = createS3Volumes({ ...settings(), mission });
      await volumes.ensureVolume('assets');
      await volumes.put('assets', 'a/b', Buffer.from('content'));
      await volumes.close();
    }
    await client.send(new PutObjectCommand({ Bucket: 'missions', Key: 'm1.notes/mine', Body: 'x' }));
    const before = await keys();
    for (const inventory of [createPostgresInventory(options()), createS3Inventory(settings(), 'm1')]) {
      const found = await inventory.list();
      expect(found).toEqual([inventory.what === 'tables' ? 'assets' : 'm1.assets']);
      await inventory.remove(found, quiet);
      expect(await inventory.list()).toEqual([]);
      await inventory.close();
    }
    expect(await schemas()).toEqual(['fieldline_m2']);
    expect(await keys()).toEqual(before.filter((key) => !key?.startsWith('m1.assets/')));
  });

  it('keep a table that somebody else put into the schema of a mission', async () => {
    const tables = createPostgresTables({ ...options(), mission: 'm3' });
    await tables.ensureTable('assets');
    await tables.close();
    await postgres.query('CREATE TABLE fieldline_m3.theirs (id text)');
    const inventory = createPostgresInventory({ ...options(), mission: 'm3' });
    await inventory.remove(await inventory.list(), quiet);
    await inventory.close();
    expect(await postgres.query('SELECT count(*) FROM fieldline_m3.theirs')).toEqual([{ count: '0' }]);
  });
});
