/** The streams driver against a real fabric. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { StreamRecord, Streams } from '@/lib/ports';
import { streamsConformance } from '@/lib/ports/conformance/streams';
import { FabricProcess, temporaryDirectory } from '../testing/fabric-process';
import { createKafkaStreams } from './index';

let root: Awaited<ReturnType<typeof temporaryDirectory>>;
let fabric: FabricProcess;

beforeAll(async () => {
  root = await temporaryDirectory();
  fabric = await new FabricProcess('hq', path.join(root.directory, 'hq')).start();
});
afterAll(async () => {
  await fabric.kill('SIGTERM');
  await root.remove();
});

/** A mission of its own is as good as a fabric of its own. */
const mission = () => `m${randomUUID().slice(0, 8)}`;
const open = (name: string) => createKafkaStreams({ brokers: [fabric.kafka], mission: name, clientId: 'test' });

streamsConformance('kafkajs on the embedded fabric', async () => {
  const name = mission();
  return { streams: open(name), another: async () => open(name), dispose: async () => undefined };
});

describe('the kafka driver', () => {
  const T = { stream: 'replicated', topic: 'T' } as const;
  const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 40_000, interval: 20 });

  async function withStreams(run: (streams: Streams, name: string) => Promise<void>): Promise<void> {
    const name = mission();
    const streams = open(name);
    try {
      await run(streams, name);
    } finally {
      await streams.close();
    }
  }

  it('a partition whose handler fails does not hold up the others', () =>
    withStreams(async (streams) => {
      await streams.ensureTopic(T, { partitions: 4 });
      const done: StreamRecord[] = [];
      const subscription = await streams.subscribe({
        group: randomUUID(),
        topics: [T],
        from: 'earliest',
        handler: async (records) => {
          if (records[0]!.partition === 0) throw new Error('never');
          done.push(...records);
        },
      });
      await streams.produce(
        T,
        Array.from({ length: 80 }, (_, index) => ({ key: `k${index}`, value: 'v' })),
      );
      const [{ records: all } = { records: 0 }] = await streams.lag('nobody', [T]);
      expect(all).toBe(80);
      await eventually(() => expect(new Set(done.map((record) => record.partition))).toEqual(new Set([1, 2, 3])));
      await subscription.stop();
    }));

  it('a broker that goes away rejects done, and a new subscription goes on where the old one was', () =>
    withStreams(async (streams) => {
      await streams.ensureTopic(T);
      const group = randomUUID();
      const received: string[] = [];
      const subscribe = () =>
        streams.subscribe({
          group,
          topics: [T],
          from: 'earliest',
          handler: async (records) => {
            received.push(...records.map((record) => record.value));
          },
        });
      const subscription = await subscribe();
      await streams.produce(T, [{ key: 'k', value: 'before' }]);
      await eventually(() => expect(received).toEqual(['before']));
      await fabric.kill();
      await expect(subscription.done).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(streams.produce(T, [{ key: 'k', value: 'lost?' }])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await subscription.stop();
      await fabric.start();
      const again = await subscribe();
      await streams.produce(T, [{ key: 'k', value: 'after' }]);
      await eventually(() => expect(received).toEqual(['before', 'after']));
      await again.stop();
    }));

  it('says that a replica is not to be written here', () =>
    withStreams(async (streams, name) => {
      // What a link does at an edge, through the admin API of this fabric.
      const call = async (command: string, parameters: Record<string, string>) =>
        (
          await fetch(`${fabric.baseUrl}/rest/${command}?${new URLSearchParams(parameters)}`, { method: 'POST' })
        ).json();
      await streams.ensureTopic(T);
      await call('cluster/gateway/set', { dstcluster: 'self', gateways: fabric.kafka });
      const path = `/${name}/replicated`;
      await call('stream/replica/autosetup', { path: `/mapr/self${path}`, replica: path, inbound: 'T' });
      await eventually(async () =>
        expect(await call('link/info', { path })).toMatchObject({ data: [{ inbound: { state: 'up' } }] }),
      );
      await expect(streams.produce(T, [{ key: 'k', value: 'v' }])).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }));
});
