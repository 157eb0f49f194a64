/** Three real brokers, of which one is away now and then: the streams driver, and the link of an embedded edge. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FieldlineError } from '@/lib/errors';
import type { Links, StreamRecord, Streams, TopicRef } from '@/lib/ports';
import { startKafkaCluster } from '@/scripts/engines/kafka-cluster.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { createAdminLinks } from '../link-admin';
import { FabricProcess, temporaryDirectory } from '../testing/fabric-process';
import { createKafkaStreams } from './index';

/** A broker that was killed is given up by its cluster after seconds, and starts for many on a busy machine. */
const WAIT = { timeout: 90_000, interval: 100 };
/** Four starts of a broker or of what follows it. */
const LOSSES_TIMEOUT_MS = 360_000;
const TOGETHER = 20;
const BROADCAST: TopicRef = { stream: 'replicated', topic: 'BROADCAST' };
const REQUEST: TopicRef = { stream: 'replicated', topic: 'REQUEST.alpha' };

describe.skipIf(!engine('kafka').home)('on three brokers', () => {
  let cluster: Awaited<ReturnType<typeof startKafkaCluster>>;
  let mission: string;
  const opened: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    cluster = await startKafkaCluster();
  });
  afterAll(() => cluster?.stop());
  beforeEach(() => {
    mission = `m${randomUUID().slice(0, 8)}`;
  });
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });

  function open(brokers = cluster.brokers): Streams {
    const streams = createKafkaStreams({ brokers, mission, clientId: 'test' });
    opened.push(streams);
    return streams;
  }

  /** The broker that leads a topic's first partition now. */
  async function leaderOf(topic: TopicRef) {
    const admin = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const name = `${mission}.${topic.stream}.${topic.topic}`;
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    await admin.disconnect();
    return cluster.nodes.find((node) => node.id === topics[0]!.partitions[0]!.leader)!;
  }

  /** Writes one record after the other until it is told to stop, whatever fails. */
  function writeTo(streams: Streams, topic: TopicRef, name: string) {
    const acknowledged: string[] = [];
    let going = true;
    let next = 0;
    const done = (async () => {
      while (going) {
        const value = `${name}-${next++}`;
        await streams.produce(topic, [{ key: value, value }]).then(
          () => acknowledged.push(value),
          (error: FieldlineError) => expect(error).toMatchObject({ code: 'UNAVAILABLE', retriable: true }),
        );
      }
    })();
    return {
      acknowledged,
      /** Resolves once so many more are durable. */
      more: (count = TOGETHER) => {
        const wanted = acknowledged.length + count;
        return expect.poll(() => acknowledged.length, WAIT).toBeGreaterThanOrEqual(wanted);
      },
      stop: () => {
        going = false;
        return done;
      },
    };
  }

  /** Reads a topic in order as one group does, started again whenever it can not go on: as the supervisor does. */
  function readAll(streams: Streams, topic: TopicRef) {
    const records = new Map<string, StreamRecord>();
    const order: string[] = [];
    const closing = { closed: false };
    const options = {
      group: `${mission}.reader-${randomUUID()}`,
      topics: [topic],
      from: 'earliest' as const,
      handler: async (batch: StreamRecord[]) => {
        for (const record of batch) {
          const place = `${record.partition}/${record.offset}`;
          if (!records.has(place)) order.push(record.value);
          records.set(place, record);
        }
      },
    };
    const run = async (): Promise<void> => {
      while (!closing.closed)
        try {
          await (await streams.subscribe(options)).done;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 500));
        }
    };
    void run();
    opened.push({
      close: async () => {
        closing.closed = true;
      },
    });
    return order;
  }

  it('makes topics on all of them', async () => {
    const streams = open();
    await streams.ensureTopic(BROADCAST, { partitions: 3 });
    const admin = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [`${mission}.replicated.BROADCAST`] });
    await admin.disconnect();
    expect(topics[0]!.partitions.map(({ replicas }) => replicas.toSorted())).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('goes on in order, with all that was acknowledged, when the leader is lost, comes back and leads again', async () => {
    const streams = open();
    await streams.ensureTopic(BROADCAST);
    const writer = writeTo(streams, BROADCAST, 'v');
    const seen = readAll(streams, BROADCAST);
    await writer.more();
    const leader = await leaderOf(BROADCAST);
    await leader.kill();
    await writer.more();
    expect((await leaderOf(BROADCAST)).id).not.toBe(leader.id);
    await leader.start();
    // The cluster gives it back what it led before: a leader changes while all brokers are there.
    await expect.poll(async () => (await leaderOf(BROADCAST)).id, WAIT).toBe(leader.id);
    await writer.more();
    await writer.stop();
    await expect.poll(() => writer.acknowledged.filter((value) => !seen.includes(value)), WAIT).toEqual([]);
    const numbers = seen.map((value) => Number(value.slice(2)));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  describe('the link of an embedded edge', () => {
    let root: Awaited<ReturnType<typeof temporaryDirectory>>;
    let alpha: FabricProcess;
    let links: Links;
    beforeEach(async () => {
      root = await temporaryDirectory();
      alpha = await new FabricProcess('alpha', path.join(root.directory, 'alpha')).start();
      links = createAdminLinks({
        baseUrl: alpha.baseUrl,
        mission,
        site: 'alpha',
        upstream: cluster.brokers.join(' '),
        inbound: [BROADCAST.topic],
        outbound: [REQUEST.topic],
      });
      opened.push(links);
    });
    afterEach(async () => {
      await alpha.kill();
      await root.remove();
    });

    it(
      'carries everything once, in both directions, whichever broker is lost',
      async () => {
        const [hq, edge] = [open(), open([alpha.kafka])];
        await hq.ensureTopic(BROADCAST);
        await edge.ensureTopic(REQUEST);
        await links.ensureLink();
        const writers = [writeTo(hq, BROADCAST, 'down'), writeTo(edge, REQUEST, 'up')];
        const arrived = { down: readAll(edge, BROADCAST), up: readAll(hq, REQUEST) };
        const carried = async () => {
          const before = [arrived.down.length, arrived.up.length];
          await expect.poll(() => arrived.down.length, WAIT).toBeGreaterThan(before[0]! + TOGETHER);
          await expect.poll(() => arrived.up.length, WAIT).toBeGreaterThan(before[1]! + TOGETHER);
        };
        await carried();
        // The first one is the address that the link dialled, the next one that which it dials instead.
        for (const node of cluster.nodes.slice(0, 2)) {
          await node.kill();
          await carried();
          await node.start();
        }
        await carried();
        for (const writer of writers) await writer.stop();

        await expect
          .poll(() => links.status(), WAIT)
          .toMatchObject({
            inbound: { state: 'up', lagRecords: 0, lastError: null },
            outbound: { state: 'up', lagRecords: 0, lastError: null },
          });
        // A producer may have written a record twice where an answer was lost; the link carries each as it stands, once.
        const wanted = { down: readAll(hq, BROADCAST), up: readAll(edge, REQUEST) };
        for (const [index, direction] of (['down', 'up'] as const).entries()) {
          const { acknowledged } = writers[index]!;
          await expect.poll(() => acknowledged.filter((value) => !wanted[direction].includes(value)), WAIT).toEqual([]);
          await expect.poll(() => arrived[direction].length, WAIT).toBe(wanted[direction].length);
          expect(arrived[direction]).toEqual(wanted[direction]);
        }
      },
      LOSSES_TIMEOUT_MS,
    );
  });
});
