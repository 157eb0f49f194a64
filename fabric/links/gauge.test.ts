/** Between a real Kafka door and a real dialer in this process. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { parseBatches } from '@/fabric/kafka/record-batch';
import { linkGroup } from './telemetry';
import { batchOf, Edge, Headquarters, makeDirectory, PREFIX, STREAM } from './testing/sites';

const BROADCAST = `${PREFIX}BROADCAST`;
const OPEN = { cut: false, bytesPerSecond: null, latencyMs: 0 };

let directories: Awaited<ReturnType<typeof makeDirectory>>[];
let hq: Headquarters;
let alpha: Edge;

beforeEach(async () => {
  directories = [await makeDirectory(), await makeDirectory()];
  hq = await new Headquarters(directories[0]!.directory).start();
  alpha = await new Edge('alpha', directories[1]!.directory, () => hq.address).start();
});
afterEach(async () => {
  await alpha.stop();
  await hq.stop();
  for (const { remove } of directories) await remove();
});

const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 20 });
const lastReport = () => {
  const [metadata] = [...hq.committed(linkGroup('alpha'))].map((one) => one.metadata).filter(Boolean);
  return metadata ? Date.parse(JSON.parse(metadata).asOf) : 0;
};
/** Lets the link report, and waits until it has. */
async function report(): Promise<void> {
  const now = Date.now();
  await eventually(() => {
    alpha.links.get(STREAM)!.wake();
    expect(lastReport()).toBeGreaterThan(now);
  });
}
async function carry(records: number): Promise<void> {
  await hq.store.create(BROADCAST, { partitions: 1 });
  const values = Array.from({ length: records }, (_, n) => `${n} `.repeat(1_200));
  for (const value of values) await hq.store.partition(BROADCAST, 0)!.append(parseBatches(batchOf([value])));
  await alpha.declare({ inbound: ['BROADCAST'] });
  await eventually(async () => expect(await alpha.status()).toMatchObject({ inbound: { state: 'up', lagRecords: 0 } }));
  await eventually(() => expect(alpha.store.partition(BROADCAST, 0)?.highWatermark).toBe(records));
}
const known = () => {
  const { estimatedBytesPerSecond, provenBytesPerSecond } = alpha.dialer.traffic();
  return Math.max(estimatedBytesPerSecond ?? 0, provenBytesPerSecond ?? 0);
};

it('finds out what a line can carry that has nothing to carry', async () => {
  await carry(40);
  // Another line: what was known of the last does not count.
  alpha.dialer.setConditions({ ...OPEN, latencyMs: 5 });
  expect(known()).toBe(0);
  await eventually(async () => {
    await report();
    expect(known()).toBeGreaterThan(0);
  });
  // Nothing was brought twice by it.
  expect(alpha.store.partition(BROADCAST, 0)!.highWatermark).toBe(40);
});

it('asks a line for little that brings it late', async () => {
  await carry(40);
  alpha.dialer.setConditions({ ...OPEN, latencyMs: 200 });
  const before = alpha.dialer.traffic().bytesIn;
  await eventually(async () => {
    await report();
    expect(known()).toBeGreaterThan(0);
  });
  for (let reports = 0; reports < 2; reports++) await report();
  expect(alpha.dialer.traffic().bytesIn - before).toBeLessThan(20_000);
});

it('spends nothing on a line whose limit is known', async () => {
  await carry(40);
  alpha.dialer.setConditions({ ...OPEN, bytesPerSecond: 1_000_000 });
  const before = alpha.dialer.traffic().bytesIn;
  for (let reports = 0; reports < 3; reports++) await report();
  expect(alpha.dialer.traffic().bytesIn - before).toBeLessThan(30_000);
});
