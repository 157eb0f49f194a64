/** kill -9 of either side, and cuts, in the middle of replication: the logs have to be the same, byte for byte, in the end. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { CompressionTypes, Kafka, logLevel, type Producer } from 'kafkajs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KAFKA_ERROR } from '@/fabric/kafka/codec';
import { BATCH_HEADER_BYTES, parseBatches, wholeBatches } from '@/fabric/kafka/record-batch';
import { KafkaCluster, LATEST, VERSION } from './client/cluster';
import { createDialer } from './line/dialer';
import { makeDirectory } from './testing/sites';

const PROGRAM = path.resolve(import.meta.dirname, '../../dist/fabric.js');
const STREAM = '/m/replicated';
const BROADCAST = 'm.replicated.BROADCAST';
const REQUEST = 'm.replicated.REQUEST.alpha';
const PARTITIONS = 2;
/** Slow enough for every blow to fall into the middle of something. */
const BYTES_PER_SECOND = 150_000;
const SETTLE_MS = 50_000;

interface Fabric {
  site: string;
  child: ChildProcess;
  kafka: number;
  rest: number;
}

let root: Awaited<ReturnType<typeof makeDirectory>>;
const children = new Set<ChildProcess>();
beforeEach(async () => {
  root = await makeDirectory();
});
afterEach(async () => {
  for (const child of children) await kill(child);
  await root.remove();
});

async function start(site: string, ports = { kafka: 0, rest: 0 }): Promise<Fabric> {
  const doors = ['--kafka', `127.0.0.1:${ports.kafka}`, '--rest', `127.0.0.1:${ports.rest}`];
  const child = fork(PROGRAM, ['--site', site, '--data', path.join(root.directory, site), ...doors], { silent: true });
  children.add(child);
  child.stderr!.resume();
  for await (const line of createInterface({ input: child.stdout! })) {
    const message = JSON.parse(line) as { ready?: boolean; kafka: number; rest: number };
    if (!message.ready) throw new Error(line);
    child.stdout!.resume();
    return { site, child, kafka: message.kafka, rest: message.rest };
  }
  throw new Error(`${site} ended before it was ready`);
}

async function kill(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function post(fabric: Fabric, command: string, parameters: Record<string, string>): Promise<void> {
  const url = `http://127.0.0.1:${fabric.rest}/rest/${command}?${new URLSearchParams(parameters)}`;
  expect(await (await fetch(url, { method: 'POST' })).json(), command).toMatchObject({ status: 'OK' });
}

/** Produces as long as it may, through whatever happens to the broker; keeps what was acknowledged. */
function produceOn(fabric: Fabric, topic: string, compressions: CompressionTypes[]) {
  const kafka = new Kafka({
    brokers: [`127.0.0.1:${fabric.kafka}`],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const acknowledged: string[] = [];
  let stopped = false;
  const run = async () => {
    let producer: Producer | null = null;
    for (let count = 0; !stopped; count++) {
      // One by one, and in bulk.
      const size = count % 5 === 0 ? 200 : 1;
      const values = Array.from({ length: size }, (_, index) => `${count}.${index}:${'payload '.repeat(10)}`);
      try {
        if (!producer) {
          producer = kafka.producer();
          await producer.connect();
        }
        await producer.send({
          topic,
          compression: compressions[count % compressions.length],
          messages: values.map((value) => ({ key: value.slice(0, 3), value })),
        });
        acknowledged.push(...values);
      } catch {
        // The broker was killed: what was not acknowledged may be there or not.
        await producer?.disconnect().catch(() => undefined);
        producer = null;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await producer?.disconnect();
  };
  const done = run();
  return {
    acknowledged,
    stop: async () => {
      stopped = true;
      await done;
    },
  };
}

/** Each batch of a partition: its offsets, and its bytes without what the producer rewrites. */
async function contents(fabric: Fabric, topic: string): Promise<string[][]> {
  const stop = new AbortController();
  const endpoint = { host: '127.0.0.1', port: fabric.kafka };
  const cluster = new KafkaCluster(createDialer(), endpoint, { clientId: 'test', signal: stop.signal });
  try {
    const topics = await cluster.topics([topic]);
    const found: string[][] = [];
    for (const [partition, leader] of (topics.get(topic)?.leaders ?? []).entries()) {
      const [{ offset: end } = { offset: 0 }] = await cluster.offsets(topics, [
        { topic, partition, timestamp: LATEST },
      ]);
      const lane = await cluster.openLane(leader, stop.signal);
      const batches: string[] = [];
      for (let at = 0; at < end; ) {
        const response = await lane.request('Fetch', VERSION.Fetch, {
          replicaId: -1,
          maxWaitMs: 0,
          minBytes: 0,
          topics: [{ name: topic, partitions: [{ index: partition, fetchOffset: at, partitionMaxBytes: 1 << 20 }] }],
        });
        const answer = response.topics[0]!.partitions[0]!;
        expect(answer.errorCode).toBe(KAFKA_ERROR.NONE);
        for (const { header, bytes } of parseBatches(wholeBatches(answer.records!))) {
          expect(header.baseOffset).toBe(at);
          at = header.lastOffset + 1;
          batches.push(
            `${header.baseOffset}-${header.lastOffset} ${bytes.subarray(BATCH_HEADER_BYTES).toString('base64')}`,
          );
        }
      }
      found.push(batches);
    }
    return found;
  } finally {
    stop.abort();
    cluster.close();
  }
}

const ends = async (fabric: Fabric, topic: string) =>
  (await contents(fabric, topic)).map((batches) => Number(batches.at(-1)?.split(/[- ]/)[1] ?? -1) + 1);

it('the logs are equal after kill -9 of both sides and cuts, in any order, many times', async () => {
  let hq = await start('hq');
  let alpha = await start('alpha');
  const create = (fabric: Fabric, topic: string) =>
    post(fabric, 'stream/topic/create', { path: STREAM, topic, partitions: String(PARTITIONS) });
  for (const fabric of [hq, alpha]) await post(fabric, 'stream/create', { path: STREAM });
  await create(hq, 'BROADCAST');
  await create(alpha, 'REQUEST.alpha');
  await post(alpha, 'cluster/gateway/set', { dstcluster: 'hq', gateways: `127.0.0.1:${hq.rest}` });
  await post(alpha, 'stream/replica/autosetup', {
    path: STREAM,
    replica: `/mapr/hq${STREAM}`,
    multimaster: 'true',
    inbound: 'BROADCAST',
    outbound: 'REQUEST.alpha',
  });
  const compressions = [CompressionTypes.None, CompressionTypes.GZIP];
  const inbound = produceOn(hq, BROADCAST, compressions);
  const outbound = produceOn(alpha, REQUEST, compressions);
  const conditions = (cut: boolean) =>
    post(alpha, 'link/conditioner/set', { cut: String(cut), bytesPerSecond: String(BYTES_PER_SECOND), latencyMs: '5' });

  await conditions(false);
  const blows = ['hq', 'alpha', 'cut', 'alpha', 'hq', 'cut', 'both', 'hq', 'alpha', 'both'];
  for (const blow of blows) {
    await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 500));
    if (blow === 'cut') {
      await conditions(true);
      await conditions(false);
    }
    if (blow === 'hq' || blow === 'both') {
      await kill(hq.child);
      hq = await start('hq', hq);
    }
    if (blow === 'alpha' || blow === 'both') {
      await kill(alpha.child);
      alpha = await start('alpha', alpha);
      await conditions(false);
    }
  }
  await inbound.stop();
  await outbound.stop();
  await post(alpha, 'link/conditioner/set', { cut: '0' });
  await vi.waitFor(
    async () => {
      expect(await ends(alpha, BROADCAST)).toEqual(await ends(hq, BROADCAST));
      expect(await ends(hq, REQUEST)).toEqual(await ends(alpha, REQUEST));
    },
    { timeout: SETTLE_MS, interval: 500 },
  );
  expect(await contents(alpha, BROADCAST)).toEqual(await contents(hq, BROADCAST));
  expect(await contents(hq, REQUEST)).toEqual(await contents(alpha, REQUEST));
  // It was worth the trouble, and nothing acknowledged is missing.
  const carried = (await ends(hq, BROADCAST)).reduce((sum, end) => sum + end, 0);
  expect(carried).toBeGreaterThanOrEqual(inbound.acknowledged.length);
  expect(inbound.acknowledged.length).toBeGreaterThan(100);
  expect(outbound.acknowledged.length).toBeGreaterThan(100);
}, 180_000);
