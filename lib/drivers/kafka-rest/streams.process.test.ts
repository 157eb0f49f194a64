/** The driver against a real fabric that asks for credentials. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { StreamRecord } from '@/lib/ports';
import { streamsConformance } from '@/lib/ports/conformance/streams';
import { FabricProcess, temporaryDirectory } from '../testing/fabric-process';
import { createKafkaRestStreams } from './index';

const CREDENTIALS = { username: 'mapr', password: 'pä:ss' };
const T = { stream: 'replicated', topic: 'T' } as const;
const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 40_000, interval: 20 });

let root: Awaited<ReturnType<typeof temporaryDirectory>>;
let fabric: FabricProcess;

beforeAll(async () => {
  root = await temporaryDirectory();
  const credentials = path.join(root.directory, 'credentials.json');
  await writeFile(credentials, JSON.stringify(CREDENTIALS));
  fabric = await new FabricProcess('hq', path.join(root.directory, 'hq'), ['--credentials', credentials]).start();
});
afterAll(async () => {
  await fabric.kill('SIGTERM');
  await root.remove();
});

const mission = () => `m${randomUUID().slice(0, 8)}`;
const open = (name: string, settings: { clientId?: string; password?: string } = {}) =>
  createKafkaRestStreams({
    baseUrl: fabric.baseUrl,
    mission: name,
    auth: { kind: 'basic', ...CREDENTIALS, ...(settings.password && { password: settings.password }) },
    ...settings,
  });

streamsConformance('Kafka REST v2 on the embedded fabric, with credentials', async () => {
  const name = mission();
  return { streams: open(name), another: async () => open(name), dispose: async () => undefined };
});

describe('the kafka-rest driver', () => {
  it('says that credentials are wrong', async () => {
    const streams = open(mission(), { password: 'wrong' });
    await expect(streams.topics('pipeline')).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    await expect(streams.produce(T, [{ key: 'k', value: 'v' }])).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    const failing = { group: 'g', topics: [T], from: 'earliest', handler: async () => undefined } as const;
    await expect((await streams.subscribe(failing)).done).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    await streams.close();
  });

  it('goes on where it was after a kill -9 of the fabric, and after one of its own process', async () => {
    const name = mission();
    const received: string[] = [];
    const subscribe = (streams: ReturnType<typeof open>) =>
      streams.subscribe({
        group: name,
        topics: [T],
        from: 'earliest',
        handler: async (records: StreamRecord[]) => {
          received.push(...records.map((record) => record.value));
        },
      });
    const first = open(name, { clientId: 'site' });
    await first.ensureTopic(T);
    await first.produce(T, [{ key: 'k', value: 'one' }]);
    const subscription = await subscribe(first);
    await eventually(async () => {
      expect(received).toEqual(['one']);
      expect(await first.lag(name, [T])).toEqual([{ ref: T, records: 0 }]);
    });
    await fabric.kill();
    await expect(subscription.done).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await fabric.start();
    await subscribe(first);
    await first.produce(T, [{ key: 'k', value: 'two' }]);
    await eventually(() => expect(received).toEqual(['one', 'two']));
    // Another process of the same name, while the instance of the first one, which said no goodbye, is still there.
    const second = open(name, { clientId: 'site' });
    await (await subscribe(second)).ready;
    await second.produce(T, [{ key: 'k', value: 'three' }]);
    await eventually(() => expect(received).toContain('three'));
    await second.close();
    await first.close();
  });

  it('reads what another program wrote, as it is', async () => {
    const name = mission();
    const streams = open(name);
    await streams.ensureTopic(T);
    const { username, password } = CREDENTIALS;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    await fetch(`${fabric.baseUrl}/topics/${encodeURIComponent(`/${name}/replicated:T`)}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/vnd.kafka.json.v2+json' },
      body: JSON.stringify({ records: [{ value: { envelope: 'other' } }] }),
    });
    expect(await streams.tail(T, 1)).toMatchObject([{ key: '', value: '{"envelope":"other"}', headers: {} }]);
    await streams.close();
  });
});
