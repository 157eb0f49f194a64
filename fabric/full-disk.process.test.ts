/**
 * A disk that fills up under a running fabric: what can not be stored is refused by name, what is there is read, and when there is room
 * again, everything goes on. Needs a disk that can be filled: a small one in memory, which only root can mount.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FabricProcess, startFabricProcess } from './kafka/testing/fabric-process';

const DISK_MIB = 48;
const TOPIC = 'numbers';

const disk = mkdtempSync(path.join(tmpdir(), 'fieldline-full-disk-'));
const canMount =
  process.platform === 'linux' &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', disk]).status === 0;
const data = path.join(disk, 'hq');
const filler = path.join(disk, 'filler');
let fabric: FabricProcess | undefined;

beforeAll(async () => {
  if (canMount) fabric = await startFabricProcess(data);
});
afterAll(async () => {
  await fabric?.kill('SIGKILL');
  if (canMount) spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

/** Leaves nothing: the last page as well. */
function fillDisk(): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc(Number(bavail) * Number(bsize)));
  expect(statfsSync(disk).bavail).toBe(0);
}

const rest = (call: string, init?: RequestInit) => fetch(`http://127.0.0.1:${fabric!.restPort}${call}`, init);
const table = '/api/v2/table/%2Fm%2Frows';
const put = (file: string, bytes: number) =>
  rest(`/files/m/files/${file}`, { method: 'PUT', body: Buffer.alloc(bytes, 7) });
const insert = (id: string, bytes: number) =>
  rest(table, { method: 'POST', body: JSON.stringify({ _id: id, text: 'x'.repeat(bytes) }) });

async function withKafka<T>(work: (kafka: Kafka) => Promise<T>): Promise<T> {
  return work(new Kafka({ brokers: [fabric!.bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 0 } }));
}

const troubles = async () => {
  const info = (await (await rest('/rest/dashboard/info')).json()) as { data: { troubles: string[] }[] };
  return info.data[0]!.troubles.join('; ');
};

const produce = (values: readonly string[]) =>
  withKafka(async (kafka) => {
    const producer = kafka.producer();
    await producer.connect();
    try {
      await producer.send({ topic: TOPIC, messages: values.map((value) => ({ value })) });
    } finally {
      await producer.disconnect();
    }
  });

const consumed = (count: number) =>
  withKafka(async (kafka) => {
    const consumer = kafka.consumer({ groupId: `reader-${count}` });
    const values: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
    try {
      await new Promise<void>((resolve, reject) => {
        const read = async ({ message }: { message: { value: Buffer | null } }) => {
          values.push(String(message.value));
          if (values.length >= count) resolve();
        };
        consumer.run({ eachMessage: read }).catch(reject);
      });
    } finally {
      await consumer.disconnect();
    }
    return values.map((value) => value.slice(0, 10).trimEnd());
  });

it.runIf(canMount)(
  'a full disk loses nothing acknowledged, stops no reader, and is over when there is room',
  async () => {
    expect((await rest('/rest/volume/create?name=files&path=/m/files', { method: 'POST' })).status).toBe(200);
    expect((await rest(table, { method: 'PUT' })).ok).toBe(true);
    expect((await put('kept', 10_000)).status).toBe(201);
    expect((await insert('kept', 10)).ok).toBe(true);
    await produce(['first']);

    fillDisk();
    const large = 'x'.repeat(3 * 1024 * 1024);
    await expect(produce([large])).rejects.toThrow(/[Dd]isk/);
    expect(await troubles()).toMatch(/The disk under .* is full.*numbers\/0 takes no records/);
    for (const refused of [await put('too-much', 1_000_000), await insert('too-much', 3_000_000)]) {
      expect(refused.status).toBe(507);
      expect(await refused.json()).toMatchObject({ errors: [{ code: 'DISK_FULL' }] });
    }
    expect((await (await rest('/files/m/files/kept')).arrayBuffer()).byteLength).toBe(10_000);
    expect(await (await rest(`${table}/document/kept`)).json()).toMatchObject({ _id: 'kept' });
    expect((await rest('/files/m/files/too-much')).status).toBe(404);

    await fabric!.kill('SIGKILL');
    fabric = undefined;
    await expect(startFabricProcess(data)).rejects.toThrow(/is full/);

    rmSync(filler);
    fabric = await startFabricProcess(data);
    await produce(['second']);
    expect(await troubles()).not.toContain('numbers/0');
    expect(await consumed(2)).toEqual(['first', 'second']);
    expect((await put('too-much', 1_000_000)).status).toBe(201);
    expect((await insert('too-much', 3_000_000)).ok).toBe(true);
    expect((await (await rest('/files/m/files/kept')).arrayBuffer()).byteLength).toBe(10_000);
  },
);
