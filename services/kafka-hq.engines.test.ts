/** HQ of a mission on real Apache Kafka, PostgreSQL and S3, as the configuration names them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigFile } from '@/lib/config';
import { TABLES, TOPICS, VOLUMES } from '@/lib/domain/naming';
import { nameBucket } from '@/lib/s3/testing/s3-server';
import { startKafka } from '@/scripts/engines/kafka.mjs';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { startS3 } from '@/scripts/engines/s3.mjs';
import { StartedEngines } from '@/scripts/engines/started';
import type { Runtime, SiteRuntime } from './contract';
import { renderMetrics } from './operations/metrics';
import { createPorts } from './runtime/ports';
import { createRuntime } from './runtime/runtime';
import { definitionsWith } from './testing/memory-runtime';
import { quietSink } from './testing/quiet-sink';
import { contentOf, entry, sampleDownloads, sampleFeed, sampleItem } from './testing/samples';

/** Generous: nothing here is about speed. */
const WAIT = { timeout: 60_000, interval: 100 };
const USER = { username: 'fieldline', password: 'kafka-secret' };
const BUCKET = 'missions';
/** What the bucket lies on, so that it can be full: a disk in memory, which only root can mount. */
const DISK_MIB = 64;

function mountDisk(): string | null {
  const directory = mkdtempSync(path.join(tmpdir(), 'fieldline-bucket-'));
  const mount = ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', directory];
  if (process.platform === 'linux' && spawnSync('mount', mount).status === 0) return directory;
  rmSync(directory, { recursive: true });
  return null;
}

describe.skipIf(!(engine('kafka').home && engine('postgres').home && engine('s3').home))('HQ on engines', () => {
  /** Of the feed's items. A set: a test that is tried again adds nothing. */
  const names = new Set(['one', 'two']);
  const engines = new StartedEngines();
  let directory: string;
  let disk: string | null = null;
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let s3: Awaited<ReturnType<typeof startS3>>;
  let runtime: Runtime;
  const hq = () => runtime.sites.get('hq') as SiteRuntime;
  const statuses = async () => {
    const rows = await hq().ports.tables.find(TABLES.assets);
    return rows.map((row) => row.status);
  };

  const allBroadcast = () => Array.from(names, () => 'broadcast');

  /** A sample of the metrics. */
  async function counted(sample: string): Promise<number> {
    const { text } = await renderMetrics(runtime, 'text/plain');
    const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
    return Number(line?.split(' ')[1]);
  }

  function startRuntime(): Runtime {
    const feed = sampleFeed('test', () => [...names].map((name) => entry(sampleItem(name))), { intervalSeconds: 2 });
    return createRuntime({
      config: readConfigFile(path.join(directory, 'fieldline.json')),
      portsOf: createPorts,
      definitionsOf: definitionsWith([feed], sampleDownloads()),
      sink: quietSink,
    });
  }

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'fieldline-hq-'));
    kafka = await engines.add(startKafka({ users: [USER] }));
    postgres = await engines.add(startPostgres());
    disk = mountDisk();
    s3 = await engines.add(startS3({ parent: disk ?? tmpdir() }));
    await nameBucket(s3, BUCKET);
    const { endpoint, region, accessKeyId, secretAccessKey } = s3;
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
    await engines.stop();
    rmSync(directory, { recursive: true, force: true });
    if (disk) spawnSync('umount', [disk]);
    if (disk) rmSync(disk, { recursive: true, force: true });
  });

  it('runs every service, and brings the feed to the broadcast', async () => {
    await expect.poll(() => runtime.health(), WAIT).toEqual({ ready: true, reasons: [] });
    await expect.poll(statuses, WAIT).toEqual(allBroadcast());
    const files = await hq().ports.volumes.list(VOLUMES.assets);
    expect(files.map((file) => file.bytes).sort()).toEqual([...names].map((name) => contentOf(name).length).sort());
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
    // A question that was under way is told in other words than the next ones.
    const reason = expect.stringMatching(new RegExp(`^${door}: .*${words}`));
    await expect.poll(() => hq().fabricHealth(), WAIT).toMatchObject({ state: 'degraded', reason });
    const { since, failures } = hq().fabricHealth();
    expect(failures).toBeGreaterThan(0);
    expect(since).not.toBeNull();
    names.add(`while-${door}`);
    if (door === 'streams') await expectFaulted();
    await of().start();
    await expect.poll(() => hq().fabricHealth().state, WAIT).toBe('ok');
    await expect.poll(statuses, WAIT).toEqual(allBroadcast());
  });

  /** kafkajs gives a consumer up for good when its broker does not come back soon: the supervisor shows that, and starts it again. */
  async function expectFaulted(): Promise<void> {
    const downloader = () => hq().supervisor.get('downloader');
    await expect.poll(downloader, WAIT).toMatchObject({ state: 'faulted', desired: 'running' });
    expect(downloader()!.lastError?.message).toMatch(/Kafka/);
    await expect.poll(() => downloader()!.restarts, WAIT).toBeGreaterThan(0);
  }

  it('has every service running again, those too whose consumer had ended', async () => {
    await expect
      .poll(
        () =>
          hq()
            .supervisor.list()
            .map(({ id, state }) => [id, state]),
        WAIT,
      )
      .toEqual(
        hq()
          .supervisor.list()
          .map(({ id }) => [id, 'running']),
      );
  });

  it('loses no asset for which the bucket has no room, and stores it when there is some', async ({ skip }) => {
    if (!disk) return skip('only root can mount a disk that can be filled');
    const filler = path.join(disk, 'filler');
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(filler, Buffer.alloc(Number(bavail) * Number(bsize)));
    names.add('while-full');
    const downloader = () => hq().supervisor.get('downloader')!;
    await expect.poll(downloader, WAIT).toMatchObject({
      health: { status: 'degraded', reason: expect.stringContaining('no room left') },
      lastError: { code: 'DISK_FULL' },
    });
    const { failed } = downloader();
    expect(failed).toBeGreaterThan(0);
    expect(await counted('fieldline_service_failed_total{site="hq",service="downloader"}')).toBeGreaterThanOrEqual(
      failed,
    );
    expect(await hq().ports.tables.find(TABLES.assets, { condition: { $eq: { status: 'failed' } } })).toEqual([]);
    rmSync(filler);
    await expect.poll(statuses, WAIT).toEqual(allBroadcast());
    await expect.poll(() => downloader().health.status, WAIT).toBe('ok');
  });

  it('names a topic that is gone and that nothing may make, and goes on once it is there', async () => {
    const broadcaster = () => hq().supervisor.get('broadcaster')!;
    const { failed } = broadcaster();
    const topic = 'engines.replicated.ASSET_BROADCAST';
    const admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    names.add('while-gone');
    await expect.poll(broadcaster, WAIT).toMatchObject({
      health: { status: 'degraded', reason: expect.stringContaining('the topic does not exist') },
      lastError: { code: 'NOT_FOUND' },
    });
    expect(broadcaster().failed).toBeGreaterThan(failed);
    expect(broadcaster().deadLetters).toBe(0);
    expect(await admin.listTopics()).not.toContain(topic);
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] });
    await admin.disconnect();
    await expect.poll(statuses, WAIT).toEqual(allBroadcast());
    await expect.poll(() => broadcaster().health.status, WAIT).toBe('ok');
  });

  it('names rows that are changed under a service all the time, and goes on once they hold still', async () => {
    const downloader = () => hq().supervisor.get('downloader')!;
    const { failed } = downloader();
    // Somebody else is faster each time: between what the service read and what it writes, the row is changed in PostgreSQL.
    const { tables } = hq().ports;
    const update = tables.update.bind(tables);
    let others = true;
    tables.update = async (table, id, mutation, condition) => {
      if (others && condition) await update(table, id, { $increment: { rev: 1 } });
      return update(table, id, mutation, condition);
    };
    names.add('while-changing');
    await expect.poll(downloader, WAIT).toMatchObject({
      health: { status: 'degraded', reason: expect.stringContaining('keeps changing') },
      lastError: { code: 'CONFLICT' },
    });
    expect(downloader().failed).toBeGreaterThan(failed);
    others = false;
    await expect.poll(statuses, WAIT).toEqual(allBroadcast());
    await expect.poll(() => downloader().health.status, WAIT).toBe('ok');
  });

  it('goes on after a restart with what there is', async () => {
    await runtime.stop();
    names.add('later');
    runtime = startRuntime();
    await expect.poll(() => statuses().catch(() => []), WAIT).toEqual(allBroadcast());
  });

  it('starts without any engine, says which doors are down and since when, and goes on when they come', async () => {
    await runtime.stop();
    const all = [postgres, s3, kafka];
    await Promise.all(all.map((each) => each.kill()));
    const before = Date.now();
    runtime = startRuntime();
    await expect
      .poll(() => runtime.health().reasons[0] ?? '', WAIT)
      .toMatch(/streams: .*Kafka can not be reached.*tables: .*refused.*volumes: .*refused/);
    expect(hq().fabricHealth().state).toBe('unavailable');
    expect(hq().fabricHealth().since).toBeGreaterThanOrEqual(before);
    await Promise.all(all.map((each) => each.start()));
    await expect.poll(() => runtime.health(), WAIT).toEqual({ ready: true, reasons: [] });
  });

  it('names each door whose credentials are wrong, without them', async () => {
    await runtime.stop();
    const secrets = ['kafka.password', 'postgres.password', 's3.secret'];
    const right = secrets.map((name) => readFileSync(path.join(directory, name), 'utf8'));
    for (const name of secrets) writeFileSync(path.join(directory, name), 'open sesame\n');
    runtime = startRuntime();
    await expect
      .poll(() => runtime.health().reasons[0] ?? '', WAIT)
      .toMatch(
        /streams: .*refused the credentials.*tables: .*refused the credentials.*volumes: .*access key or its secret/,
      );
    expect(JSON.stringify(runtime.health())).not.toContain('open sesame');
    expect(await counted('fieldline_fabric_failures_total{site="hq"}')).toBeGreaterThan(0);
    // Read again at each connection; the others at the next start.
    for (const [index, name] of secrets.entries()) writeFileSync(path.join(directory, name), right[index]!);
    await expect.poll(() => runtime.health().reasons[0] ?? '', WAIT).not.toMatch(/tables:/);
    await runtime.stop();
    runtime = startRuntime();
    await expect.poll(() => runtime.health(), WAIT).toEqual({ ready: true, reasons: [] });
  });
});
