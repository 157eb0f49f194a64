/** What must harm nobody but who does it: frames that are no frames, clients that send much and read little. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeRequest } from './codec';
import { fetchRequest, produceRequest, startTestDoor } from './testing/door-harness';
import { WireClient } from './testing/wire-client';

let fabric: Awaited<ReturnType<typeof startTestDoor>>;
let client: WireClient;

beforeEach(async () => {
  fabric = await startTestDoor();
  client = await fabric.client();
  await fabric.store.create('t', { partitions: 1 });
});
afterEach(() => fabric.close());

const partitionOf = <P>(answer: { topics: { partitions: P[] }[] }) => answer.topics[0]!.partitions[0]!;

describe('malformed frames', () => {
  it('end their own connection and no other', async () => {
    const good = await fabric.client();
    for (const frame of [
      Buffer.from([0x7f, 0xff, 0xff, 0xff]),
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0, 0, 0, 3, 1, 2, 3]),
      Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
      Buffer.from([0, 0, 0, 10, 0, 99, 0, 0, 0, 0, 0, 1, 0xff, 0xff]),
      Buffer.from([0, 0, 0, 10, 0, 1, 0, 55, 0, 0, 0, 1, 0xff, 0xff]),
      Buffer.from([0, 0, 0, 10, 0, 1, 0, 11, 0, 0, 0, 1, 0xff, 0xff]),
    ]) {
      const bad = await fabric.client();
      bad.socket.write(frame);
      await bad.closed;
      expect((await good.request('ApiVersions', 0, {})).errorCode).toBe(0);
    }
    expect(fabric.logged.some(({ level }) => level === 'error')).toBe(false);
  });

  it('that are announced and never sent keep nobody out', async () => {
    const silent = await Promise.all(Array.from({ length: 40 }, () => fabric.client()));
    for (const bad of silent) bad.socket.write(Buffer.from([0x01, 0xff, 0xff, 0xff, 0, 0]));
    const good = await fabric.client();
    // They have been read by the time that a later connection is answered twice.
    for (let time = 0; time < 2; time++)
      expect(partitionOf(await good.request('Produce', 7, produceRequest('t', ['x'.repeat(100_000)]))).errorCode).toBe(
        0,
      );
    expect(silent.some((bad) => bad.socket.destroyed)).toBe(false);
  });

  it('behind a waiting long poll end the connection, and the process lives', async () => {
    const bad = await fabric.client();
    const waiting = bad.request('Fetch', 11, fetchRequest('t', 0, { maxWaitMs: 60_000 }));
    bad.socket.write(Buffer.from([0, 0, 0, 10, 0, 0, 0, 7, 0, 0, 0, 1, 0xff, 0xff]));
    bad.socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    await expect(waiting).rejects.toThrow(/closed/);
    expect((await client.request('ApiVersions', 0, {})).errorCode).toBe(0);
  });

  it('at random harm nobody', async () => {
    const good = await fabric.client();
    let seed = 7;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    const requests = [
      writeRequest('Produce', 7, 1, 'c', produceRequest('t', ['x'.repeat(50)])),
      writeRequest('Fetch', 11, 1, 'c', fetchRequest('t', 0)),
      writeRequest('Metadata', 8, 1, 'c', { topics: [{ name: 't' }] }),
      writeRequest('ApiVersions', 3, 1, 'c', {}),
      writeRequest('JoinGroup', 5, 1, 'c', {
        groupId: 'g',
        sessionTimeoutMs: 6000,
        memberId: '',
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.from('m') }],
      }),
      writeRequest('OffsetCommit', 7, 1, 'c', { groupId: 'g', topics: [] }),
      writeRequest('CreateTopics', 4, 1, 'c', { topics: [], timeoutMs: 1 }),
      writeRequest('DescribeConfigs', 2, 1, 'c', { resources: [] }),
    ].map((parts) => Buffer.concat(parts));
    for (let round = 0; round < 400; round++) {
      const frame = Buffer.from(requests[round % requests.length]!);
      const changes = 1 + Math.floor(random() * 6);
      for (let change = 0; change < changes; change++)
        frame[4 + Math.floor(random() * (frame.length - 4))] = Math.floor(random() * 256);
      const bad = await WireClient.connect(fabric.door.port);
      bad.socket.write(frame.subarray(0, random() < 0.2 ? Math.floor(random() * frame.length) : frame.length));
      bad.socket.end();
      if (round % 20 === 0) expect((await good.request('ApiVersions', 0, {})).errorCode).toBe(0);
      bad.close();
    }
    expect(partitionOf(await good.request('Produce', 7, produceRequest('t', ['still here']))).errorCode).toBe(0);
    expect(fabric.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a slow or greedy client', () => {
  it('is read no further than its requests are answered, and loses nothing', async () => {
    const value = 'x'.repeat(900_000);
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => client.request('Produce', 7, produceRequest('t', [value]))),
    );
    expect(answers.map((answer) => partitionOf(answer).baseOffset)).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    );
  });

  it('may send one frame that is larger than what it may have in flight', async () => {
    const first = client.request('Produce', 7, produceRequest('t', ['small']));
    const large = client.request('Produce', 7, produceRequest('t', ['x'.repeat(12 * 1024 * 1024)]));
    expect(partitionOf(await first).errorCode).toBe(0);
    expect(partitionOf(await large).errorCode).toBe(0);
  });
});
