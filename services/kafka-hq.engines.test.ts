/** HQ of a mission on real Apache Kafka, PostgreSQL and S3, as the configuration names them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigFile } from '@/lib/config';
import { TABLES, TOPICS, VOLUMES } from '@/lib/domain/naming';
import { startKafka } from '@/scripts/engines/kafka.mjs';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { startS3 } from '@/scripts/engines/s3.mjs';
import type { Runtime, SiteRuntime } from './contract';
import { createPorts } from './runtime/ports';
import { createRuntime } from './runtime/runtime';
import { definitionsWith } from './testing/memory-runtime';
import { quietSink } from './testing/quiet-sink';
import { contentOf, entry, sampleDownloads, sampleFeed, sampleItem } from './testing/samples';

/** Generous: nothing here is about speed. */
const WAIT = { timeout: 60_000, interval: 100 };
const USER = { username: 'fieldline', password: 'kafka-secret' };
const BUCKET = 'missions';

describe.skipIf(!(engine('kafka').home && engine('postgres').home && engine('s3').home))('HQ on engines', () => {
  const names = ['one', 'two'];
  const engines: { stop(): Promise<void> }[] = [];
  let directory: string;
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let s3: Awaited<ReturnType<typeof startS3>>;
  let runtime: Runtime;
  const hq = () => runtime.sites.get('hq') as SiteRuntime;
  const statuses = async () => {
    const rows = await hq().ports.tables.find(TABLES.assets);
    return rows.map((row) => row.status);
  };

  function startRuntime(): Runtime {
    const feed = sampleFeed('test', () => names.map((name) => entry(sampleItem(name))), { intervalSeconds: 2 });
    return createRuntime({
      config: readConfigFile(path.join(directory, 'fieldline.json')),
      portsOf: createPorts,
      definitionsOf: definitionsWith([feed], sampleDownloads()),
      sink: quietSink,
    });
  }

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'fieldline-hq-'));
    kafka = await startKafka({ users: [USER] });
    engines.push(kafka);
    postgres = await startPostgres();
    engines.push(postgres);
    s3 = await startS3();
    engines.push(s3);
    const { endpoint, region, accessKeyId, secretAccessKey } = s3;
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    client.destroy();
    const secrets = {
      'kafka.password': USER.password,
      'postgres.password': postgres.password,
      's3.secret': secretAccessKey,
      'ca.pem': kafka.ca!,
    };
    for (const [name, secret] of Object.entries(secrets))
      writeFileSync(path.join(directory, name), `${secret}\n`, { mode: 0o600 });
    const fabric = {
      kind: 'kafka',
      brokers: [kafka.tlsBroker],
      sasl: { mechanism: 'scram-sha-512', username: USER.username, passwordFile: 'kafka.password' },
      tls: { caFile: 'ca.pem' },
      replicationFactor: 1,
      postgres: {
        url: `postgresql://${postgres.user}@127.0.0.1:${postgres.port}/${postgres.database}`,
        passwordFile: 'postgres.password',
      },
      s3: { endpoint, region, bucket: BUCKET, accessKeyId, secretAccessKeyFile: 's3.secret' },
    };
    const config = { mission: 'engines', sites: [{ id: 'hq', role: 'hq', fabric }] };
    writeFileSync(path.join(directory, 'fieldline.json'), JSON.stringify(config));
    runtime = startRuntime();
  });
  afterAll(async () => {
    await runtime?.stop();
    for (const each of engines.reverse()) await each.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('runs every service, and brings the feed to the broadcast', async () => {
    await expect.poll(() => runtime.health(), WAIT).toEqual({ ready: true, reasons: [] });
    await expect.poll(statuses, WAIT).toEqual(['broadcast', 'broadcast']);
    const files = await hq().ports.volumes.list(VOLUMES.assets);
    expect(files.map((file) => file.bytes).sort()).toEqual(names.map((name) => contentOf(name).length).sort());
    // At least once.
    const broadcasts = await hq().ports.streams.tail(TOPICS.assetBroadcast, 10);
    const rows = await hq().ports.tables.find(TABLES.assets);
    expect(new Set(broadcasts.map((record) => record.key))).toEqual(new Set(rows.map((row) => row._id)));
  });

  const doors = [
    ['tables', () => postgres, 'PostgreSQL'],
    ['volumes', () => s3, 'refused'],
    ['streams', () => kafka, 'Kafka'],
  ] as const;
  it.each(doors)('says that the door to %s is down, and goes on by itself when it is back', async (door, of, words) => {
    await of().kill();
    await expect.poll(() => hq().fabricHealth(), WAIT).toMatchObject({ state: 'degraded' });
    const { reason, since } = hq().fabricHealth();
    expect(reason).toMatch(new RegExp(`^${door}: .*${words}`));
    expect(since).not.toBeNull();
    names.push(`while-${door}`);
    await of().start();
    await expect.poll(() => hq().fabricHealth().state, WAIT).toBe('ok');
    await expect.poll(statuses, WAIT).toEqual(names.map(() => 'broadcast'));
  });

  it('goes on after a restart with what there is', async () => {
    await runtime.stop();
    names.push('later');
    runtime = startRuntime();
    await expect.poll(() => statuses().catch(() => []), WAIT).toEqual(names.map(() => 'broadcast'));
  });

  it('starts without any engine, says which doors are down, and goes on when they come', async () => {
    await runtime.stop();
    await postgres.kill();
    await s3.kill();
    runtime = startRuntime();
    await expect.poll(() => runtime.health().reasons[0] ?? '', WAIT).toMatch(/tables: .*refused.*volumes: .*refused/);
    await postgres.start();
    await s3.start();
    await expect.poll(() => runtime.health(), WAIT).toEqual({ ready: true, reasons: [] });
  });
});
