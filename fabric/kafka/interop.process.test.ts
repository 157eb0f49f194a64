/** Real clients, unmodified, against the fabric as a process: kafkajs, kcat, kafka-python (old and new), confluent-kafka. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CompressionTypes, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FabricProcess, startFabricProcess } from './testing/fabric-process';

const run = promisify(execFile);
const PROVISION = path.resolve(import.meta.dirname, '../../scripts/provision-interop.mjs');
/** Downloading the Python clients the first time. */
const PROVISION_TIMEOUT_MS = 600_000;

/** Commands by client; null where one can not be had, with the reason on stderr. */
const clients = JSON.parse(
  execFileSync(process.execPath, [PROVISION], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: PROVISION_TIMEOUT_MS,
  }),
) as Record<'kcat' | 'kafka-python-2' | 'kafka-python-3' | 'confluent', string | null>;

let directory: string;
let fabric: FabricProcess;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'fieldline-interop-'));
  fabric = await startFabricProcess(directory);
});
afterAll(async () => {
  await fabric.kill('SIGTERM');
  await rm(directory, { recursive: true, force: true });
});

/** Runs a command with text on its standard input; its output. */
function pipe(command: string, args: string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const complaints: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0
        ? resolve(Buffer.concat(out).toString('utf8'))
        : reject(new Error(`${command} ended with ${code}: ${Buffer.concat(complaints).toString('utf8')}`)),
    );
    child.stdin.end(input);
  });
}

describe.skipIf(clients.kcat === null)('kcat', () => {
  const kcat = (args: string[], input = '') => pipe(clients.kcat!, ['-b', fabric.bootstrap, ...args], input);
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`);

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('brings records in and out, %s', async (codec) => {
    for (const acks of ['0', '1', 'all'])
      await kcat(['-P', '-t', `kcat-${codec}`, '-z', codec, '-X', `acks=${acks}`], lines.join('\n'));
    await kcat(['-P', '-t', `kcat-${codec}`, '-z', codec, '-X', 'enable.idempotence=true'], lines.join('\n'));
    const out = await kcat(['-C', '-t', `kcat-${codec}`, '-e', '-q', '-o', 'beginning']);
    expect(out.trim().split('\n')).toEqual([...lines, ...lines, ...lines, ...lines]);
    const tail = await kcat(['-C', '-t', `kcat-${codec}`, '-e', '-q', '-o', '-3']);
    expect(tail.trim().split('\n')).toEqual(lines.slice(-3));
  });

  it('keeps keys and headers, and finds by time', async () => {
    const before = Date.now();
    await kcat(['-P', '-t', 'kcat-keys', '-K', ':', '-H', 'from=kcat', '-H', 'empty'], 'a:one\nb:two\n');
    const format = ['-f', '%k=%s %h\n'];
    const out = await kcat(['-C', '-t', 'kcat-keys', '-e', '-q', '-o', `s@${before}`, ...format]);
    expect(out.trim().split('\n')).toEqual(['a=one from=kcat,empty=NULL', 'b=two from=kcat,empty=NULL']);
    const later = await kcat(['-C', '-t', 'kcat-keys', '-e', '-q', '-o', `s@${Date.now() + 60_000}`, ...format]);
    expect(later).toBe('');
  });

  it('lists the cluster', async () => {
    const listed = JSON.parse(await kcat(['-L', '-J']));
    expect(listed.brokers).toEqual([{ id: 1, name: fabric.bootstrap }]);
  });
});

describe('kafkajs', () => {
  const kafka = () => new Kafka({ brokers: [fabric.bootstrap], logLevel: logLevel.NOTHING });

  it('produces with every acks, with headers and gzip, idempotent', async () => {
    const producer = kafka().producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (let index = 0; index < 5; index++)
      await producer.send({
        topic: 'js-data',
        compression: CompressionTypes.GZIP,
        messages: [{ key: 'k', value: `idempotent ${index}`, headers: { n: `${index}` } }],
      });
    await producer.disconnect();
    const plain = kafka().producer();
    await plain.connect();
    for (const acks of [0, 1, -1]) await plain.send({ topic: 'js-data', acks, messages: [{ value: `acks ${acks}` }] });
    await plain.disconnect();

    const values: string[] = [];
    const consumer = kafka().consumer({ groupId: 'js-read' });
    await consumer.connect();
    await consumer.subscribe({ topic: 'js-data', fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        values.push(`${message.value}${message.headers?.n ? ` #${message.headers.n}` : ''}`);
      },
    });
    await expect.poll(() => values.length, { timeout: 30_000 }).toBe(8);
    await consumer.disconnect();
    expect(values).toEqual([
      ...[0, 1, 2, 3, 4].map((index) => `idempotent ${index} #${index}`),
      'acks 0',
      'acks 1',
      'acks -1',
    ]);
  });

  it('shares a group between two members, takes over from one that leaves, and loses nothing', async () => {
    const admin = kafka().admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'js-shared', numPartitions: 4 }] });
    const producer = kafka().producer();
    await producer.connect();
    const send = (round: string) =>
      producer.send({
        topic: 'js-shared',
        messages: Array.from({ length: 40 }, (_, index) => ({ key: `${index}`, value: `${round} ${index}` })),
      });
    const received: Record<string, Set<string>> = { a: new Set(), b: new Set() };
    const start = async (name: 'a' | 'b') => {
      const consumer = kafka().consumer({ groupId: 'js-group', sessionTimeout: 6000, heartbeatInterval: 300 });
      await consumer.connect();
      await consumer.subscribe({ topic: 'js-shared', fromBeginning: true });
      await consumer.run({ eachMessage: async ({ message }) => void received[name]!.add(String(message.value)) });
      return consumer;
    };
    const members = async () => (await admin.describeGroups(['js-group'])).groups[0]!;
    const all = () => new Set([...received.a!, ...received.b!]).size;
    const [a, b] = await Promise.all([start('a'), start('b')]);
    await expect
      .poll(async () => [(await members()).state, (await members()).members.length], { timeout: 30_000 })
      .toEqual(['Stable', 2]);
    await send('first');
    await expect.poll(all, { timeout: 30_000 }).toBe(40);
    expect(received.a!.size).toBeGreaterThan(0);
    expect(received.b!.size).toBeGreaterThan(0);
    await a.disconnect();
    await send('second');
    await expect.poll(all, { timeout: 30_000 }).toBe(80);
    await b.disconnect();
    const offsets = await admin.fetchOffsets({ groupId: 'js-group', topics: ['js-shared'] });
    expect(offsets[0]!.partitions.reduce((sum, { offset }) => sum + Number(offset), 0)).toBe(80);
    await admin.deleteGroups(['js-group']);
    await producer.disconnect();
    await admin.disconnect();
  });

  it('administers topics, offsets and configurations', async () => {
    const admin = kafka().admin();
    await admin.connect();
    const topic = 'js-admin';
    const configEntries = [{ name: 'retention.ms', value: '60000' }];
    expect(await admin.createTopics({ topics: [{ topic, numPartitions: 2, configEntries }] })).toBe(true);
    expect(await admin.createTopics({ topics: [{ topic }] })).toBe(false);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    expect((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]!.partitions.length).toBe(3);
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic };
    const retention = async () => {
      const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false });
      return resources[0]!.configEntries.find(({ configName }) => configName === 'retention.ms')?.configValue;
    };
    expect(await retention()).toBe('60000');
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '90000' }] }],
    });
    expect(await retention()).toBe('90000');
    const producer = kafka().producer();
    await producer.connect();
    // Recent times: what is older than the retention goes at the next check.
    const first = Date.now() - 1000;
    const messages = Array.from({ length: 6 }, (_, index) => ({ value: `${index}`, timestamp: `${first + index}` }));
    await producer.send({ topic, messages: messages.map((message) => ({ ...message, partition: 0 })) });
    await producer.disconnect();
    const byTime = await admin.fetchTopicOffsetsByTimestamp(topic, first + 4);
    expect(byTime.find(({ partition }) => partition === 0)?.offset).toBe('4');
    await admin.setOffsets({ groupId: 'js-seek', topic, partitions: [{ partition: 0, offset: '2' }] });
    const fetched = await admin.fetchOffsets({ groupId: 'js-seek', topics: [topic] });
    expect(fetched[0]!.partitions.find(({ partition }) => partition === 0)?.offset).toBe('2');
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] });
    expect((await admin.fetchTopicOffsets(topic)).find(({ partition }) => partition === 0)).toMatchObject({
      low: '3',
      high: '6',
    });
    await admin.deleteTopics({ topics: [topic] });
    expect(await admin.listTopics()).not.toContain(topic);
    await admin.disconnect();
  });
});

describe.each(['kafka-python-2', 'kafka-python-3'] as const)('%s', (name) => {
  it.skipIf(clients[name] === null)('produces, consumes, resumes, seeks by time and administers', async () => {
    const script = path.join(import.meta.dirname, 'testing/interop_kafka_python.py');
    const { stdout } = await run(clients[name]!, [script, fabric.bootstrap, `py-${name}`]);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toEqual({
      created: true,
      lastOffset: 49,
      consumed: 100,
      headers: true,
      committed: 100,
      resumed: ['later'],
      byTime: 5,
      beginning: 0,
      end: 51,
      partitions: 3,
      deleted: true,
    });
  });
});

describe('confluent-kafka', () => {
  it.skipIf(clients.confluent === null)('compresses with everything, shares a group and administers', async () => {
    const script = path.join(import.meta.dirname, 'testing/interop_confluent.py');
    const { stdout } = await run(clients.confluent!, [script, fabric.bootstrap, 'confluent']);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toEqual({
      delivered: 600,
      consumed: 600,
      headers: true,
      shared: true,
      members: 2,
      tookOver: true,
      committed: 600,
      retention: '3600000',
      altered: '7200000',
      partitions: 5,
      lowWatermark: 3,
      groupListed: true,
      deleted: true,
    });
  });
});
