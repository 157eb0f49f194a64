/** kill -9 at random moments, in the middle of produce requests and commits: nothing acknowledged is lost, nothing is twice. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parseBatches } from './record-batch';
import { buildBatch } from './records';
import { fetchRequest } from './testing/door-harness';
import { type FabricProcess, startFabricProcess } from './testing/fabric-process';
import { WireClient } from './testing/wire-client';

const ROUNDS = 6;
const PRODUCERS = 4;
const TOPIC = 'survivor';
/** Rolls every few requests, so that kills fall into rolls too. */
const SEGMENT_BYTES = 100_000;

interface Acknowledged {
  offset: number;
  value: string;
}

/** Produces batches one after the other as an idempotent producer until the connection breaks; returns what was acknowledged. */
async function produceUntilCut(port: number, name: string): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  const client = await WireClient.connect(port);
  try {
    const { producerId, producerEpoch } = await client.request('InitProducerId', 1, {
      transactionalId: null,
      transactionTimeoutMs: 1000,
    });
    for (let sequence = 0; ; sequence++) {
      const value = `${name}/${producerId}/${sequence}/${'x'.repeat((sequence * 331) % 5000)}`;
      const records = buildBatch([{ key: null, value: Buffer.from(value), timestamp: Date.now() }], {
        producerId,
        producerEpoch,
        baseSequence: sequence,
      });
      const topics = [{ name: TOPIC, partitions: [{ index: 0, records }] }];
      const answer = await client.request('Produce', 7, { acks: -1, timeoutMs: 1000, topics });
      const { errorCode, baseOffset } = answer.topics[0]!.partitions[0]!;
      if (errorCode !== 0) throw new Error(`Produce answered ${errorCode}`);
      acknowledged.push({ offset: baseOffset, value });
    }
  } catch (error) {
    if (!/closed/.test(String(error))) throw error;
    return acknowledged;
  } finally {
    client.close();
  }
}

/** Commits growing offsets until the connection breaks; returns the last one that was acknowledged. */
async function commitUntilCut(port: number, from: number): Promise<number> {
  const client = await WireClient.connect(port);
  let last = from;
  try {
    for (let offset = from + 1; ; offset++) {
      const partitions = [{ index: 0, committedOffset: offset, committedMetadata: `at ${offset}` }];
      await client.request('OffsetCommit', 7, { groupId: 'g', topics: [{ name: TOPIC, partitions }] });
      last = offset;
    }
  } catch (error) {
    if (!/closed/.test(String(error))) throw error;
    return last;
  } finally {
    client.close();
  }
}

/** Every record's value, by offset. */
async function readAll(port: number): Promise<string[]> {
  const client = await WireClient.connect(port);
  const values: string[] = [];
  for (;;) {
    const answer = await client.request('Fetch', 11, fetchRequest(TOPIC, values.length));
    const { records, highWatermark, errorCode } = answer.topics[0]!.partitions[0]!;
    expect(errorCode).toBe(0);
    for (const { header, bytes } of parseBatches(records!)) {
      expect(header.baseOffset).toBe(values.length);
      // The value is the last thing in the only record, behind which comes the header count.
      const text = bytes.toString('latin1');
      values.push(text.slice(text.search(/p\d\//), -1));
    }
    if (values.length >= highWatermark) break;
  }
  client.close();
  return values;
}

it('keeps everything it acknowledged, exactly once, through kill -9 after kill -9', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'fieldline-recovery-'));
  const acknowledged: Acknowledged[] = [];
  let committed = 0;
  let fabric: FabricProcess | undefined;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      fabric = await startFabricProcess(directory);
      const port = fabric.kafkaPort;
      const admin = await WireClient.connect(port);
      const configs = [{ name: 'segment.bytes', value: String(SEGMENT_BYTES) }];
      const topic = { name: TOPIC, partitionCount: 1, replicationFactor: 1, assignments: [], configs };
      await admin.request('CreateTopics', 4, { topics: [topic], timeoutMs: 1000 });
      const producing = Array.from({ length: PRODUCERS }, (_, index) => produceUntilCut(port, `p${index}`));
      const committing = commitUntilCut(port, committed);
      await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 500));
      await fabric.kill('SIGKILL');
      acknowledged.push(...(await Promise.all(producing)).flat());
      const acknowledgedCommit = await committing;

      fabric = await startFabricProcess(directory);
      const values = await readAll(fabric.kafkaPort);
      for (const { offset, value } of acknowledged) expect(values[offset]).toBe(value);
      expect(new Set(values).size).toBe(values.length);
      const client = await WireClient.connect(fabric.kafkaPort);
      const fetched = await client.request('OffsetFetch', 5, {
        groupId: 'g',
        topics: [{ name: TOPIC, partitions: [0] }],
      });
      const { committedOffset, metadata } = fetched.topics[0]!.partitions[0]!;
      // The one that was under way when the kill came may have been kept too.
      expect([acknowledgedCommit, acknowledgedCommit + 1]).toContain(committedOffset);
      expect(metadata).toBe(`at ${committedOffset}`);
      committed = committedOffset;
      client.close();
      await fabric.kill(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
    }
    expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  } finally {
    await fabric?.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
});
