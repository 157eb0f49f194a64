/** One asset's way through a whole mission on real embedded fabrics, as an OTLP receiver sees it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OPERATIONS } from '@/lib/api/operations';
import { parseConfig } from '@/lib/config';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import { FabricProcess, temporaryDirectory } from '@/lib/drivers/testing/fabric-process';
import { parseTraceparent } from '@/lib/tracing';
import type { Runtime } from './contract';
import { createRequests } from './operations/requests';
import { getAssetTrace } from './operations/trace';
import { EdgeAssetRow, HqRequestRow } from './rows';
import { createPorts } from './runtime/ports';
import { createRuntime } from './runtime/runtime';
import { createProcessTracer } from './runtime/tracing';
import { observeCall } from './telemetry/calls';
import { definitionsWith } from './testing/memory-runtime';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './testing/otlp-receiver';
import { quietSink } from './testing/quiet-sink';
import { entry, sampleDownloads, sampleFeed, sampleItem } from './testing/samples';

const WAIT = { timeout: 50_000, interval: 100 };
/** Every step, after the one that it is a child of. */
const WAY = [
  'ingest asset',
  'download asset',
  'send ASSET_DOWNLOADED',
  'process ASSET_DOWNLOADED',
  'send ASSET_BROADCAST',
  'process ASSET_BROADCAST',
  'request asset',
  'send ASSET_REQUEST.alpha',
  'process ASSET_REQUEST.alpha',
  'answer request',
  'send ASSET_RESPONSE',
  'process ASSET_RESPONSE',
  'mirror asset',
  'view asset',
  'send ASSET_RECEIPT.alpha',
  'process ASSET_RECEIPT.alpha',
];
const KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };

let hq: FabricProcess;
let alpha: FabricProcess;
let runtime: Runtime;
let receiver: OtlpReceiver;
let remove: () => Promise<void>;
const portOf = (hostPort: string) => Number(hostPort.split(':')[1]);

beforeAll(async () => {
  const temporary = await temporaryDirectory();
  remove = temporary.remove;
  receiver = await startOtlpReceiver();
  hq = await new FabricProcess('hq', path.join(temporary.directory, 'hq')).start();
  alpha = await new FabricProcess('alpha', path.join(temporary.directory, 'alpha')).start();
  const otlpHeadersFile = path.join(temporary.directory, 'otlp.headers');
  writeFileSync(otlpHeadersFile, 'Authorization: Bearer of-the-test\n');
  const fabricOf = ({ kafka, rest }: FabricProcess) => ({
    kind: 'embedded' as const,
    kafkaPort: portOf(kafka),
    restPort: portOf(rest),
  });
  const config = parseConfig(
    {
      sites: [
        { id: 'hq', role: 'hq', fabric: fabricOf(hq) },
        { id: 'alpha', role: 'edge', fabric: fabricOf(alpha) },
      ],
      telemetry: { otlpEndpoint: receiver.endpoint, otlpHeadersFile },
    },
    'the test',
  );
  const feed = sampleFeed('test', () => ['one', 'two'].map((name) => entry(sampleItem(name))));
  runtime = createRuntime({
    config,
    portsOf: createPorts,
    definitionsOf: definitionsWith([feed], sampleDownloads()),
    sink: quietSink,
    tracer: await createProcessTracer(config),
  });
});
afterAll(async () => {
  await runtime?.stop();
  await Promise.all([hq?.kill(), alpha?.kill(), receiver?.close()]);
  await remove?.();
});

const portsOf = (site: string) => runtime.sites.get(site)!.ports;
async function rowOf(name: string): Promise<EdgeAssetRow | undefined> {
  const rows = await portsOf('alpha')
    .tables.find(TABLES.assets)
    .catch(() => []);
  return rows.map((row) => EdgeAssetRow.parse(row)).find((row) => row.asset.sourceId === name);
}
const request = (assetId: string) => {
  const call = new Request('http://127.0.0.1/api/sites/alpha/requests', { method: 'POST' });
  const id = 'createRequests';
  return observeCall({ id, operation: OPERATIONS[id], request: call, tracer: runtime.tracer }, async () =>
    Response.json(await createRequests(runtime, 'alpha', [assetId])),
  );
};
const named = (spans: readonly ReceivedSpan[], name: string) => spans.find((span) => span.name === name)!;

it('is one connected trace from the feed to the receipt, over the link and through the tables', async () => {
  await expect.poll(async () => (await rowOf('one'))?.status, WAIT).toBe('available');
  const { _id: assetId, trace } = (await rowOf('one'))!;
  const { traceId } = parseTraceparent(trace)!;
  await request(assetId);
  await expect.poll(async () => (await rowOf('one'))?.status, WAIT).toBe('ready');
  await portsOf('alpha').volumes.startMirror(VOLUMES.inbound);
  const received = async () =>
    (await portsOf('hq').tables.find(TABLES.requests)).map((row) => HqRequestRow.parse(row).status);
  await expect.poll(received, WAIT).toEqual(['received']);
  const ofTrace = () => receiver.spans.filter((span) => span.traceId === traceId);
  await expect.poll(() => ofTrace().map(({ name }) => name), WAIT).toEqual(expect.arrayContaining(WAY));

  const spans = ofTrace();
  const ids = new Set(spans.map(({ spanId }) => spanId));
  expect(spans.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name)).toEqual(['ingest asset']);
  expect(spans.filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId))).toEqual([]);
  for (const [index, name] of WAY.entries()) {
    if (index === 0) continue;
    const parent = spans.find(({ spanId }) => spanId === named(spans, name).parentSpanId);
    expect([name, parent?.name]).toEqual([name, WAY[index - 1]]);
  }
  for (const span of spans) {
    expect(span.attributes).toMatchObject({ 'fieldline.asset.id': assetId });
    expect(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)).toBe(true);
    expect(span.status.code ?? 0).toBe(0);
  }
  expect(named(spans, 'send ASSET_BROADCAST')).toMatchObject({
    kind: KIND.producer,
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'replicated/ASSET_BROADCAST',
      'fieldline.site': 'hq',
    },
    resource: { 'service.name': 'fieldline', 'service.namespace': 'missionx', 'service.instance.id': 'hq+alpha' },
  });
  expect(named(spans, 'process ASSET_BROADCAST')).toMatchObject({
    kind: KIND.consumer,
    attributes: { 'fieldline.site': 'alpha', 'fieldline.service': 'listener' },
  });
  expect(receiver.headers().authorization).toBe('Bearer of-the-test');
});

it('links the call that asked and the run that brought, which are traces of their own', async () => {
  const call = () => named(receiver.spans, 'POST /api/sites/{site}/requests');
  const run = () => named(receiver.spans, 'mirror run');
  await expect
    .poll(() => receiver.spans.map(({ name }) => name), { ...WAIT, timeout: 9000 })
    .toEqual(expect.arrayContaining(['POST /api/sites/{site}/requests', 'mirror run']));
  const { traceId } = parseTraceparent((await rowOf('one'))!.trace)!;
  const spans = receiver.spans.filter((span) => span.traceId === traceId);
  expect(named(spans, 'request asset').links).toMatchObject([{ traceId: call().traceId, spanId: call().spanId }]);
  expect(named(spans, 'mirror asset').links).toMatchObject([{ traceId: run().traceId, spanId: run().spanId }]);
  expect(new Set([call().traceId, run().traceId, traceId]).size).toBe(3);
  expect(call()).toMatchObject({ kind: KIND.server, attributes: { 'http.response.status_code': 200 } });
});

it('is another trace for another asset, and is kept for the timeline', async () => {
  const [one, two] = [(await rowOf('one'))!, (await rowOf('two'))!];
  expect(parseTraceparent(two.trace)!.traceId).not.toBe(parseTraceparent(one.trace)!.traceId);
  for (const site of ['hq', 'alpha']) {
    const { traceId, spans } = await getAssetTrace(runtime, site, one._id);
    expect(traceId).toBe(parseTraceparent(one.trace)!.traceId);
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(WAY));
  }
});
