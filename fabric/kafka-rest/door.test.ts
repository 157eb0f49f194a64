/** The Kafka REST door over real HTTP, beside a real Kafka door on the same log. */
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '@/lib/clock/clock';
import { RestServer } from '../http/router';
import { parseBatches } from '../kafka/record-batch';
import { buildBatch } from '../kafka/records';
import { startTestDoor } from '../kafka/testing/door-harness';
import { registerKafkaRestDoor, sendKafkaRestError } from './index';

const V2 = 'application/vnd.kafka.v2+json';
const JSON_V2 = 'application/vnd.kafka.json.v2+json';
const BINARY_V2 = 'application/vnd.kafka.binary.v2+json';
const T = 'm.replicated.T';
const SHOWN = '/m/replicated:T';
const IDLE_MS = 301_000;

let kafka: Awaited<ReturnType<typeof startTestDoor>>;
let rest: RestServer;
let door: ReturnType<typeof registerKafkaRestDoor>;
let base: string;
let clock: Clock & { at: number };

beforeEach(async () => {
  kafka = await startTestDoor();
  rest = new RestServer();
  clock = { at: Date.now(), now: () => clock.at, sleep: async () => undefined };
  door = registerKafkaRestDoor(rest.withErrors(sendKafkaRestError), { broker: kafka.door.broker, siteId: 'hq', clock });
  base = `http://127.0.0.1:${await rest.listen('127.0.0.1', 0)}`;
  await kafka.store.create(T, { partitions: 2 });
});
afterEach(async () => {
  await door.close();
  await rest.close();
  await kafka.close();
});

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the answers of many calls.
  body: any;
  type: string | null;
}
async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(path.startsWith('http') ? path : `${base}${path}`, {
    method,
    headers: { 'content-type': V2, ...headers },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : null, type: response.headers.get('content-type') };
}
const topicPath = (name = SHOWN) => `/topics/${encodeURIComponent(name)}`;
const produce = (records: unknown[], path = topicPath()) =>
  call('POST', path, { records }, { 'content-type': JSON_V2 });
const read = (uri: string, query = 'timeout=3000', accept = JSON_V2) =>
  call('GET', `${uri}/records?${query}`, undefined, { accept });

async function consumer(group: string, options: Record<string, unknown> = {}): Promise<string> {
  const settings = { format: 'json', 'auto.offset.reset': 'earliest', 'auto.commit.enable': 'false', ...options };
  const { status, body } = await call('POST', `/consumers/${group}`, settings);
  expect(status).toBe(200);
  return body.base_uri;
}
async function subscribed(group: string, options: Record<string, unknown> = {}, topic = SHOWN): Promise<string> {
  const uri = await consumer(group, options);
  expect(await call('POST', `${uri}/subscription`, { topics: [topic] })).toMatchObject({ status: 204 });
  return uri;
}

describe('topics', () => {
  it('are listed and described under both names', async () => {
    expect((await call('GET', '/topics')).body).toEqual([T]);
    for (const name of [SHOWN, T, '/mapr/hq/m/replicated:T'])
      expect(await call('GET', topicPath(name))).toMatchObject({
        status: 200,
        type: V2,
        body: { name, partitions: [{ partition: 0 }, { partition: 1 }] },
      });
    expect((await call('GET', `${topicPath()}/partitions/1`)).body).toMatchObject({ partition: 1 });
    await produce([{ value: 1 }], `${topicPath()}/partitions/1`);
    expect((await call('GET', `${topicPath()}/partitions/1/offsets`)).body).toEqual({
      beginning_offset: 0,
      end_offset: 1,
    });
  });

  it.each([
    ['/topics/none', 40401],
    [`/topics/${encodeURIComponent('/m/replicated:none')}/partitions`, 40401],
    [`/topics/${encodeURIComponent('/mapr/moon/m/replicated:T')}`, 40401],
    [`${topicPath()}/partitions/7`, 40402],
    [`${topicPath()}/partitions/7/offsets`, 40402],
    [`${topicPath()}/partitions/x`, 40402],
  ])('%s is refused with %i', async (path, code) => {
    expect(await call('GET', path)).toMatchObject({ status: 404, body: { error_code: code } });
  });
});

describe('producing', () => {
  it('tells where each record went, and which was refused', async () => {
    const { status, body } = await produce([
      { key: 'a', value: { n: 1 }, partition: 0 },
      { value: 'x', partition: 9 },
      { key: 'b', value: null, partition: 0 },
    ]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ key_schema_id: null, value_schema_id: null });
    expect(body.offsets).toMatchObject([
      { partition: 0, offset: 0, error_code: null, error: null },
      { partition: null, offset: null, error_code: 1 },
      { partition: 0, offset: 1, error_code: null },
    ]);
  });

  it('sends a key where a Kafka client would', async () => {
    const client = new Kafka({ brokers: [`127.0.0.1:${kafka.door.port}`], logLevel: logLevel.NOTHING });
    const producer = client.producer();
    await producer.connect();
    for (const key of ['alpha', 'bravo', 'ä', 'a-long-key-of-some-length', '1', '22', '333', '']) {
      const [sent] = await producer.send({ topic: T, messages: [{ key, value: 'v' }] });
      const bytes = Buffer.from(key).toString('base64');
      const { body } = await call(
        'POST',
        topicPath(T),
        { records: [{ key: bytes, value: 'dg==' }] },
        {
          'content-type': BINARY_V2,
        },
      );
      expect(body.offsets[0].partition, key).toBe(sent!.partition);
    }
    await producer.disconnect();
  });

  it('refuses what it can not take', async () => {
    expect(await call('POST', topicPath(), { records: [{ value: 1 }] })).toMatchObject({
      status: 415,
      body: { error_code: 415 },
    });
    expect(await produce([])).toMatchObject({ status: 422, body: { error_code: 422 } });
    expect(await produce([{ value: 1 }], '/topics/none')).toMatchObject({ status: 404, body: { error_code: 40401 } });
    expect(
      await call('POST', topicPath(), { records: [{ value: 'not base64!' }] }, { 'content-type': BINARY_V2 }),
    ).toMatchObject({ status: 422 });
    expect(await call('POST', topicPath(), '{', { 'content-type': JSON_V2 })).toMatchObject({ status: 400 });
    await kafka.store.setReplica(T, true);
    expect(await produce([{ value: 1 }])).toMatchObject({ status: 403, body: { error_code: 40301 } });
  });
});

describe('consuming', () => {
  it('reads what was written, by the name the client used', async () => {
    await produce([{ key: 'k', value: { a: [1] }, partition: 1 }]);
    const uri = await subscribed('g');
    const { status, body, type } = await read(uri);
    expect(status).toBe(200);
    expect(type).toBe(JSON_V2);
    expect(body).toEqual([{ topic: SHOWN, key: 'k', value: { a: [1] }, partition: 1, offset: 0 }]);
    expect((await call('GET', `${uri}/subscription`)).body).toEqual({ topics: [SHOWN] });
    expect((await call('GET', `${uri}/assignments`)).body.partitions).toHaveLength(2);
    expect((await read(uri, 'timeout=0')).body).toEqual([]);
  });

  it('waits for a record, and is woken by one', async () => {
    const uri = await subscribed('g');
    await read(uri, 'timeout=200');
    const waiting = read(uri, 'timeout=30000');
    await produce([{ value: 'now' }]);
    expect((await waiting).body).toMatchObject([{ value: 'now' }]);
  });

  it('reads gzip and control characters as they are in the binary format; bytes that are no JSON not as JSON', async () => {
    const bytes = Buffer.from([0, 255, 10]);
    const batch = buildBatch([{ key: null, value: bytes, timestamp: 1 }]);
    await kafka.store.partition(T, 0)!.append(parseBatches(batch));
    const binary = await subscribed('b', { format: 'binary' });
    expect((await read(binary, 'timeout=3000', BINARY_V2)).body).toMatchObject([{ key: null, value: 'AP8K' }]);
    const json = await subscribed('j');
    expect(await read(json)).toMatchObject({ status: 500, body: { error_code: 50002 } });
  });

  it('commits the record named and goes on behind it', async () => {
    await produce([1, 2, 3].map((value) => ({ value, partition: 0 })));
    const uri = await subscribed('g');
    expect((await read(uri)).body).toHaveLength(3);
    const offsets = [{ topic: SHOWN, partition: 0, offset: 1 }];
    expect(await call('POST', `${uri}/offsets`, { offsets })).toMatchObject({ status: 200 });
    expect(kafka.door.groupOffsets.committed('g')).toMatchObject([{ topic: T, partition: 0, offset: 2 }]);
    expect(await call('DELETE', uri)).toMatchObject({ status: 204 });
    expect(await call('DELETE', uri)).toMatchObject({ status: 404, body: { error_code: 40403 } });
    const again = await subscribed('g');
    expect((await read(again)).body).toMatchObject([{ value: 3 }]);
    await call('POST', `${again}/offsets`);
    expect(kafka.door.groupOffsets.committed('g')).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ partition: 0, offset: 3 })]),
    );
  });

  it('seeks to an offset, to the beginning and to the end', async () => {
    await produce([1, 2, 3].map((value) => ({ value, partition: 0 })));
    const uri = await subscribed('g');
    await read(uri);
    const at = { topic: SHOWN, partition: 0 };
    await call('POST', `${uri}/positions`, { offsets: [{ ...at, offset: 2 }] });
    expect((await read(uri)).body).toMatchObject([{ offset: 2 }]);
    await call('POST', `${uri}/positions/beginning`, { partitions: [at] });
    expect((await read(uri)).body).toHaveLength(3);
    await call('POST', `${uri}/positions/beginning`, { partitions: [at] });
    await call('POST', `${uri}/positions/end`, { partitions: [at] });
    expect((await read(uri, 'timeout=0')).body).toEqual([]);
    expect(await call('POST', `${uri}/positions/end`, { partitions: [{ ...at, partition: 5 }] })).toMatchObject({
      status: 409,
    });
  });

  it('bounds an answer by max_bytes, and starves no partition', async () => {
    const value = 'x'.repeat(1000);
    await produce(Array.from({ length: 20 }, (_, index) => ({ value, partition: index % 2 })));
    const uri = await subscribed('g');
    const seen: { partition: number; offset: number }[] = [];
    for (let reads = 0; reads < 20 && seen.length < 20; reads++) {
      const { body } = await read(uri, 'timeout=3000&max_bytes=3000');
      expect(body.length).toBeLessThanOrEqual(3);
      seen.push(...body);
    }
    for (const partition of [0, 1])
      expect(seen.filter((record) => record.partition === partition).map(({ offset }) => offset)).toEqual(
        Array.from({ length: 10 }, (_, offset) => offset),
      );
    expect(new Set(seen.slice(0, 4).map((record) => record.partition)).size).toBe(2);
  });

  it('auto-commits what was read when the client comes again, and when it leaves', async () => {
    await produce([{ value: 1, partition: 0 }]);
    const uri = await subscribed('g', { 'auto.commit.enable': 'true' });
    await read(uri);
    expect(kafka.door.groupOffsets.committed('g')).toEqual([]);
    await call('DELETE', uri);
    expect(kafka.door.groupOffsets.committed('g')).toContainEqual(expect.objectContaining({ partition: 0, offset: 1 }));
  });

  it('follows a pattern, also to topics made later', async () => {
    const uri = await consumer('g');
    const pattern = '/m/replicated:A\\..*';
    expect(await call('POST', `${uri}/subscription`, { topic_pattern: pattern })).toMatchObject({ status: 204 });
    expect((await read(uri, 'timeout=100')).body).toEqual([]);
    await kafka.store.create('m.replicated.A.1', { partitions: 1 });
    await kafka.store.create('m.replicated.B.1', { partitions: 1 });
    await produce([{ value: 1 }], topicPath('/m/replicated:B.1'));
    await produce([{ value: 2 }], topicPath('/m/replicated:A.1'));
    await vi.waitFor(async () =>
      expect((await read(uri)).body).toMatchObject([{ topic: '/m/replicated:A.1', value: 2 }]),
    );
    expect(await call('POST', `${uri}/subscription`, { topics: [SHOWN] })).toMatchObject({
      status: 409,
      body: { error_code: 40901 },
    });
    await call('DELETE', `${uri}/subscription`);
    expect(await call('POST', `${uri}/subscription`, { topics: [SHOWN] })).toMatchObject({ status: 204 });
  });

  it('reads fixed partitions without the group', async () => {
    await produce([{ value: 'one', partition: 0 }]);
    await produce([{ value: 'two', partition: 1 }]);
    const uri = await consumer('g');
    const partitions = [{ topic: SHOWN, partition: 1 }];
    expect(await call('POST', `${uri}/assignments`, { partitions })).toMatchObject({ status: 204 });
    expect((await read(uri)).body).toMatchObject([{ value: 'two' }]);
    expect(await call('POST', `${uri}/assignments`, { partitions: [{ topic: SHOWN, partition: 9 }] })).toMatchObject({
      status: 404,
      body: { error_code: 40402 },
    });
  });

  it('refuses what makes no sense', async () => {
    const uri = await consumer('g', { name: 'one' });
    expect(uri).toBe(`${base}/consumers/g/instances/one`);
    expect(await call('POST', '/consumers/g', { name: 'one' })).toMatchObject({
      status: 409,
      body: { error_code: 40902 },
    });
    expect(await call('POST', '/consumers/g', { format: 'avro' })).toMatchObject({
      status: 422,
      body: { error_code: 42204 },
    });
    expect(await read(uri)).toMatchObject({ status: 409, body: { error_code: 40903 } });
    expect(await read(uri, 'timeout=1', BINARY_V2)).toMatchObject({ status: 406, body: { error_code: 40601 } });
    expect(await read(uri, 'timeout=x')).toMatchObject({ status: 422 });
    expect(await call('POST', `${uri}/subscription`, {})).toMatchObject({ status: 422 });
    expect(await call('POST', `${uri}/subscription`, { topic_pattern: '(' })).toMatchObject({ status: 422 });
    expect(await call('GET', '/consumers/g/instances/none/assignments')).toMatchObject({
      status: 404,
      body: { error_code: 40403 },
    });
  });

  it('ends an instance that nobody uses', async () => {
    const uri = await subscribed('g', { name: 'idle' });
    await read(uri, 'timeout=100');
    clock.at += IDLE_MS;
    await vi.waitFor(async () => expect(await call('GET', `${uri}/nothing`)).toMatchObject({ status: 404 }));
    await vi.waitFor(async () => expect(kafka.door.broker.groups.find('g')).toBeUndefined(), { timeout: 20_000 });
  });
});

describe('groups', () => {
  it('are shared with Kafka clients: members of both kinds divide the partitions, and take over', async () => {
    const client = new Kafka({ brokers: [`127.0.0.1:${kafka.door.port}`], logLevel: logLevel.NOTHING });
    const native = client.consumer({ groupId: 'mixed', heartbeatInterval: 200, maxWaitTimeInMs: 100 });
    const byKafka: string[] = [];
    await native.connect();
    await native.subscribe({ topics: [T], fromBeginning: true });
    await native.run({ eachMessage: async ({ message }) => void byKafka.push(message.value!.toString()) });
    const uri = await subscribed('mixed');
    const byRest: string[] = [];
    let sent = 0;
    const round = async () => {
      await produce([0, 1].map((partition) => ({ value: sent++, partition })));
      for (const { value, partition, offset } of (await read(uri, 'timeout=200')).body) {
        byRest.push(String(value));
        await call('POST', `${uri}/offsets`, { offsets: [{ topic: SHOWN, partition, offset }] });
      }
    };
    await vi.waitFor(
      async () => {
        await round();
        expect(byRest.length).toBeGreaterThan(0);
        expect(byKafka.length).toBeGreaterThan(0);
      },
      { timeout: 40_000, interval: 10 },
    );
    expect((await call('GET', `${uri}/assignments`)).body.partitions).toHaveLength(1);
    await native.disconnect();
    await vi.waitFor(
      async () => {
        await round();
        expect((await call('GET', `${uri}/assignments`)).body.partitions).toHaveLength(2);
      },
      { timeout: 40_000, interval: 10 },
    );
    await vi.waitFor(
      async () => {
        await round();
        expect(new Set([...byKafka, ...byRest].map(Number)).size).toBe(sent);
      },
      { timeout: 40_000, interval: 10 },
    );
  });

  it('two instances share, and the other takes over when one leaves', async () => {
    const [one, two] = [await subscribed('g'), await subscribed('g')];
    const share = async (uri: string) => {
      await read(uri, 'timeout=50');
      return (await call('GET', `${uri}/assignments`)).body.partitions.length;
    };
    await vi.waitFor(async () => expect([await share(one), await share(two)]).toEqual([1, 1]), { timeout: 20_000 });
    await call('DELETE', one);
    await vi.waitFor(async () => expect(await share(two)).toBe(2), { timeout: 20_000 });
  });

  it('a member that missed a new division can not commit what is not its any more', async () => {
    await produce([0, 1].map((partition) => ({ value: partition, partition })));
    const one = await subscribed('g');
    expect((await read(one)).body.length).toBeGreaterThan(0);
    const two = await subscribed('g');
    const reading = read(two, 'timeout=20000');
    await vi.waitFor(async () => {
      await read(one, 'timeout=50');
      expect((await call('GET', `${one}/assignments`)).body.partitions).toHaveLength(1);
    });
    const [mine] = (await call('GET', `${one}/assignments`)).body.partitions;
    const offsets = [{ topic: SHOWN, partition: 1 - mine.partition, offset: 0 }];
    expect(await call('POST', `${one}/offsets`, { offsets })).toMatchObject({
      status: 409,
      body: { error_code: 40903 },
    });
    expect((await reading).body.length).toBeGreaterThan(0);
  });
});
