/** The expected production shape: HQ on real Apache Kafka, PostgreSQL and S3, an embedded edge that dials them; all killed on the way. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigFile } from '@/lib/config';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import { FabricProcess, temporaryDirectory } from '@/lib/drivers/testing/fabric-process';
import { nameBucket } from '@/lib/s3/testing/s3-server';
import { startKafka } from '@/scripts/engines/kafka.mjs';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { startS3 } from '@/scripts/engines/s3.mjs';
import type { Runtime } from './contract';
import { createRequests } from './operations/requests';
import { EdgeAssetRow, HqRequestRow } from './rows';
import { createPorts } from './runtime/ports';
import { createRuntime } from './runtime/runtime';
import { definitionsWith } from './testing/memory-runtime';
import { quietSink } from './testing/quiet-sink';
import { contentOf, entry, sampleDownloads, sampleFeed, sampleItem } from './testing/samples';

/** Generous: nothing here is about speed. */
const WAIT = { timeout: 80_000, interval: 100 };
const BUCKET = 'missions';

describe.skipIf(!(engine('kafka').home && engine('postgres').home && engine('s3').home))('a mixed mission', () => {
  const names = ['one', 'two'];
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  let kafka: Awaited<ReturnType<typeof startKafka>> | undefined;
  let postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;
  let s3: Awaited<ReturnType<typeof startS3>> | undefined;
  let alpha: FabricProcess | undefined;
  let runtime: Runtime | undefined;

  function startRuntime(): Runtime {
    const feed = sampleFeed('test', () => names.map((name) => entry(sampleItem(name))), { intervalSeconds: 2 });
    return createRuntime({
      config: readConfigFile(path.join(temporary.directory, 'fieldline.json')),
      portsOf: createPorts,
      definitionsOf: definitionsWith([feed], sampleDownloads()),
      sink: quietSink,
    });
  }

  beforeAll(async () => {
    temporary = await temporaryDirectory();
    [kafka, postgres, s3] = await Promise.all([startKafka(), startPostgres(), startS3()]);
    alpha = await new FabricProcess('alpha', path.join(temporary.directory, 'alpha')).start();
    const { endpoint, region, accessKeyId, secretAccessKey } = s3;
    await nameBucket(s3, BUCKET);
    mkdirSync(path.join(temporary.directory, 'secrets'));
    const secret = (name: string, text: string) => {
      writeFileSync(path.join(temporary.directory, 'secrets', name), text, { mode: 0o600 });
      return `secrets/${name}`;
    };
    const bucket = {
      endpoint,
      region,
      bucket: BUCKET,
      accessKeyId,
      secretAccessKeyFile: secret('s3', secretAccessKey),
    };
    const { host, port, user, database } = postgres;
    const hqFabric = {
      kind: 'kafka',
      brokers: kafka.brokers,
      replicationFactor: 1,
      postgres: { host, port, user, database, passwordFile: secret('postgres', postgres.password) },
      s3: bucket,
    };
    const [kafkaPort, restPort] = [alpha.kafka, alpha.rest].map((address) => Number(address.split(':')[1]));
    const sites = [
      { id: 'hq', role: 'hq', fabric: hqFabric },
      {
        id: 'alpha',
        role: 'edge',
        fabric: { kind: 'embedded', kafkaPort, restPort, managed: false },
        upstream: { kafka: kafka.broker, s3: bucket },
      },
    ];
    const config = { sites, limits: { requestResendMs: 2000 } };
    writeFileSync(path.join(temporary.directory, 'fieldline.json'), JSON.stringify(config));
    runtime = startRuntime();
  });
  afterAll(async () => {
    await runtime?.stop();
    await alpha?.kill();
    for (const each of [s3, postgres, kafka]) await each?.stop();
    await temporary?.remove();
  });

  const portsOf = (site: string) => runtime!.sites.get(site)!.ports;
  const edgeRows = async () =>
    (await portsOf('alpha').tables.find(TABLES.assets)).map((document) => EdgeAssetRow.parse(document));
  /** Null while the edge does not list the asset, or can not be asked. */
  const statusOf = async (name: string) => {
    const rows = await edgeRows().catch(() => []);
    return rows.find((row) => row.asset.sourceId === name)?.status ?? null;
  };
  const idOf = async (name: string) => (await edgeRows()).find((row) => row.asset.sourceId === name)!._id;
  const startMirror = () =>
    portsOf('alpha')
      .volumes.startMirror(VOLUMES.inbound)
      .then(
        () => 'started',
        (error) => error.code,
      );
  async function bring(name: string): Promise<void> {
    await expect.poll(() => statusOf(name), WAIT).toMatch(/ready|mirroring|delivered/);
    await expect.poll(startMirror, WAIT).toMatch(/started|MIRROR_RUNNING/);
    await expect.poll(() => statusOf(name), WAIT).toBe('delivered');
  }
  const requestStates = async () =>
    (await portsOf('hq').tables.find(TABLES.requests)).map((document) => HqRequestRow.parse(document).status);

  it('lists at the edge what HQ ingested', async () => {
    for (const name of ['one', 'two']) await expect.poll(() => statusOf(name), WAIT).toBe('available');
    expect(runtime!.health()).toEqual({ ready: true, reasons: [] });
  });

  it('brings what was asked for, and HQ knows', async () => {
    await createRequests(runtime!, 'alpha', [await idOf('one')]);
    await bring('one');
    const id = await idOf('one');
    const file = (await edgeRows()).find((row) => row._id === id)!.file!;
    const content = await portsOf('alpha').volumes.get(VOLUMES.inbound, `${id}/${file.fileName}`);
    expect(Buffer.concat((await content!.stream.toArray()) as Buffer[]).equals(contentOf('one'))).toBe(true);
    await expect.poll(requestStates, WAIT).toEqual(['received']);
  });

  it('keeps a request while the link is cut', async () => {
    const links = portsOf('alpha').links!;
    await links.setConditions({ cut: true, bytesPerSecond: null, latencyMs: 0 });
    await createRequests(runtime!, 'alpha', [await idOf('two')]);
    await expect.poll(() => statusOf('two'), WAIT).toBe('requested');
    await links.setConditions({ cut: false, bytesPerSecond: null, latencyMs: 0 });
    await bring('two');
    await expect.poll(requestStates, WAIT).toEqual(['received', 'received']);
  });

  it('goes on after the edge and all engines were killed in the middle, with everything once', async () => {
    names.push('three');
    await expect.poll(() => statusOf('three'), WAIT).toBe('available');
    await createRequests(runtime!, 'alpha', [await idOf('three')]);
    names.push('four');
    await Promise.all([alpha!.kill(), kafka!.kill(), postgres!.kill(), s3!.kill()]);
    await expect.poll(() => runtime!.health().ready, WAIT).toBe(false);
    await Promise.all([kafka!.start(), postgres!.start(), s3!.start()]);
    await alpha!.start();
    await bring('three');
    await expect.poll(() => statusOf('four'), WAIT).toBe('available');
    await expect.poll(() => runtime!.health().ready, WAIT).toBe(true);
    expect((await edgeRows()).map((row) => row.asset.sourceId).sort()).toEqual([...names].sort());
    expect(await portsOf('hq').tables.count(TABLES.assets)).toBe(names.length);
  });
});
