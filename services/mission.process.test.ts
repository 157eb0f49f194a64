/** The whole mission on real embedded fabrics, which are cut off and killed with -9 on the way. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '@/lib/config';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import { FabricProcess, temporaryDirectory } from '@/lib/drivers/testing/fabric-process';
import type { Runtime } from './contract';
import { createRequests } from './operations/requests';
import { EdgeAssetRow, HqRequestRow } from './rows';
import { createPorts } from './runtime/ports';
import { createRuntime } from './runtime/runtime';
import { definitionsWith } from './testing/memory-runtime';
import { quietSink } from './testing/quiet-sink';
import { contentOf, entry, sampleDownloads, sampleFeed, sampleItem } from './testing/samples';

/** Generous: the machine may be busy with other tests, and nothing here is about speed. */
const WAIT = { timeout: 50_000, interval: 100 };
const FIRST = ['one', 'two', 'three'];
const names = [...FIRST];

let hq: FabricProcess;
let alpha: FabricProcess;
let runtime: Runtime;
let remove: () => Promise<void>;

const portOf = (hostPort: string) => Number(hostPort.split(':')[1]);
function startRuntime(): Runtime {
  const fabricOf = (fabric: FabricProcess) => ({
    kind: 'embedded' as const,
    kafkaPort: portOf(fabric.kafka),
    restPort: portOf(fabric.rest),
  });
  const config = parseConfig(
    {
      sites: [
        { id: 'hq', role: 'hq', fabric: fabricOf(hq) },
        { id: 'alpha', role: 'edge', fabric: fabricOf(alpha) },
      ],
      limits: { requestResendMs: 2000 },
    },
    'the test',
  );
  const feed = sampleFeed('test', () => names.map((name) => entry(sampleItem(name))), { intervalSeconds: 2 });
  return createRuntime({
    config,
    portsOf: createPorts,
    definitionsOf: definitionsWith([feed], sampleDownloads()),
    sink: quietSink,
  });
}

beforeAll(async () => {
  const temporary = await temporaryDirectory();
  remove = temporary.remove;
  hq = await new FabricProcess('hq', path.join(temporary.directory, 'hq')).start();
  alpha = await new FabricProcess('alpha', path.join(temporary.directory, 'alpha')).start();
  runtime = startRuntime();
});
afterAll(async () => {
  await runtime?.stop();
  await Promise.all([hq?.kill(), alpha?.kill()]);
  await remove?.();
});

const portsOf = (site: string) => runtime.sites.get(site)!.ports;
async function edgeRows(): Promise<EdgeAssetRow[]> {
  const documents = await portsOf('alpha').tables.find(TABLES.assets);
  return documents.map((document) => EdgeAssetRow.parse(document));
}
/** Status of the assets that the feed calls so; null while the edge does not list them, or can not be asked. */
async function statusOf(name: string): Promise<string | null> {
  const rows = await edgeRows().catch(() => []);
  return rows.find((row) => row.asset.sourceId === name)?.status ?? null;
}
const idOf = async (name: string) => (await edgeRows()).find((row) => row.asset.sourceId === name)!._id;
async function bring(name: string): Promise<void> {
  await expect.poll(() => statusOf(name), WAIT).toMatch(/ready|mirroring|delivered/);
  await expect
    .poll(async () => {
      const started = await portsOf('alpha')
        .volumes.startMirror(VOLUMES.inbound)
        .then(
          () => 'started',
          (error) => error.code,
        );
      return started;
    }, WAIT)
    .toMatch(/started|MIRROR_RUNNING/);
  await expect.poll(() => statusOf(name), WAIT).toBe('delivered');
}
const requestsAtHq = async () =>
  (await portsOf('hq').tables.find(TABLES.requests)).map((document) => HqRequestRow.parse(document));

describe('a mission on embedded fabrics', () => {
  it('lists at the edge what HQ ingested', async () => {
    for (const name of FIRST) await expect.poll(() => statusOf(name), WAIT).toBe('available');
    expect(runtime.health()).toEqual({ ready: true, reasons: [] });
  });

  it('brings what was asked for, and HQ knows', async () => {
    await createRequests(runtime, 'alpha', [await idOf('one')]);
    await bring('one');
    const file = (await edgeRows()).find((row) => row.asset.sourceId === 'one')!.file!;
    const content = await portsOf('alpha').volumes.get(VOLUMES.inbound, `${await idOf('one')}/${file.fileName}`);
    expect(Buffer.concat((await content!.stream.toArray()) as Buffer[]).equals(contentOf('one'))).toBe(true);
    await expect.poll(async () => (await requestsAtHq()).map((request) => request.status), WAIT).toEqual(['received']);
  });

  it('keeps a request while the link is cut', async () => {
    await portsOf('alpha').links!.setConditions({ cut: true, bytesPerSecond: null, latencyMs: 0 });
    await createRequests(runtime, 'alpha', [await idOf('two')]);
    await expect.poll(() => statusOf('two'), WAIT).toBe('requested');
    await portsOf('alpha').links!.setConditions({ cut: false, bytesPerSecond: null, latencyMs: 0 });
    await bring('two');
  });

  it('goes on after both fabrics were killed in the middle', async () => {
    await createRequests(runtime, 'alpha', [await idOf('three')]);
    names.push('four');
    await alpha.kill();
    await hq.kill();
    await expect.poll(() => runtime.health().ready, WAIT).toBe(false);
    await hq.start();
    await alpha.start();
    await bring('three');
    await expect.poll(() => statusOf('four'), WAIT).toBe('available');
    await expect.poll(() => runtime.health().ready, WAIT).toBe(true);
  });

  it('goes on in the next process of the app, with everything once', async () => {
    await runtime.stop();
    names.push('five');
    runtime = startRuntime();
    await expect.poll(() => statusOf('five'), WAIT).toBe('available');
    expect((await edgeRows()).map((row) => row.asset.sourceId).sort()).toEqual([...names].sort());
    expect(await portsOf('hq').tables.count(TABLES.assets)).toBe(names.length);
    await expect
      .poll(async () => (await requestsAtHq()).map((request) => request.status), WAIT)
      .toEqual(['received', 'received', 'received']);
    const files = await portsOf('alpha').volumes.list(VOLUMES.inbound);
    expect(files.map((file) => file.path.split('/')[1]).sort()).toEqual(['one.jpg', 'three.jpg', 'two.jpg']);
  });
});
