import { describe, expect, it } from 'vitest';
import { parseBatches, patchPosition } from '../kafka/record-batch';
import { buildBatch } from '../kafka/records';
import { batchOf, offsetsOf, openOn, quietLog } from './testing/log-harness';
import { MemoryFs } from './testing/memory-fs';

async function oneTopic(config = {}, now = () => 1_700_000_000_000, sink = quietLog) {
  const fs = new MemoryFs();
  const clock = { now, sleep: () => Promise.resolve() };
  const store = await openOn(fs, clock, sink);
  await store.create('t', { partitions: 1, config });
  return { fs, store, log: store.partition('t', 0)! };
}
const producer = (baseSequence: number, producerEpoch = 0, producerId = 7) => ({
  producer: { producerId, producerEpoch, baseSequence },
});
const replicaBatch = (offset: number, values = ['x']) => {
  const bytes = Buffer.from(batchOf(values)[0]!.bytes);
  patchPosition(bytes, offset, 5);
  return bytes;
};

describe('appending and reading', () => {
  it('gives offsets in order and serves whole batches from the one that holds the offset', async () => {
    const { log } = await oneTopic();
    expect(await log.append(batchOf(['a', 'b', 'c']))).toEqual({ baseOffset: 0 });
    expect(await log.append(batchOf(['d']))).toEqual({ baseOffset: 3 });
    expect(log.highWatermark).toBe(4);
    expect(await offsetsOf(log)).toEqual([
      [0, 2],
      [3, 3],
    ]);
    expect(await offsetsOf(log, 1)).toEqual([
      [0, 2],
      [3, 3],
    ]);
    expect((await log.read(4, 100)).length).toBe(0);
    await expect(log.read(5, 100)).rejects.toThrow(/outside the log/);
    await expect(log.read(-1, 100)).rejects.toThrow(/outside the log/);
  });

  it('returns the first batch whole when it is larger than the limit, and no batch in part', async () => {
    const { log } = await oneTopic();
    await log.append(batchOf(['x'.repeat(5000)]));
    await log.append(batchOf(['y']));
    expect(parseBatches(await log.read(0, 10)).length).toBe(1);
    expect(parseBatches(await log.read(0, 5100)).length).toBe(1);
    expect(parseBatches(await log.read(0, 10_000)).length).toBe(2);
  });

  it('writes what waits in one group with one sync', async () => {
    const { fs, log } = await oneTopic();
    const before = fs.syncCount;
    const first = log.append(batchOf(['first']));
    const rest = Array.from({ length: 50 }, (_, index) => log.append(batchOf([`${index}`])));
    await first;
    await Promise.all(rest);
    expect(log.highWatermark).toBe(51);
    expect(fs.syncCount - before).toBeLessThanOrEqual(2);
  });

  it('finds any offset across many segments and index entries', async () => {
    const { log } = await oneTopic({ segmentBytes: 300_000 });
    for (let index = 0; index < 200; index++) await log.append(batchOf(['v'.repeat(9000), 'w']));
    for (const offset of [0, 1, 77, 199, 250, 398, 399]) {
      const first = parseBatches(await log.read(offset, 1))[0]!.header;
      expect(first.baseOffset).toBe(offset - (offset % 2));
    }
    expect(log.bytesFrom(0)).toBe(log.sizeBytes);
    expect(log.bytesFrom(400)).toBe(0);
    expect(log.bytesFrom(398)).toBe(batchOf(['v'.repeat(9000), 'w'])[0]!.bytes.length);
  });

  it('wakes who waits for the high watermark, and lets go after the time or an abort', async () => {
    const { log } = await oneTopic();
    const waiting = log.waitBeyond(0, 60_000);
    await log.append(batchOf(['a']));
    expect(await waiting).toBe(true);
    expect(await log.waitBeyond(0, 0)).toBe(true);
    expect(await log.waitBeyond(1, 5)).toBe(false);
    const abort = new AbortController();
    const aborted = log.waitBeyond(1, 60_000, abort.signal);
    abort.abort();
    expect(await aborted).toBe(false);
  });
});

describe('finding by time', () => {
  it('finds the first record at or after a time, within batches and across segments', async () => {
    const { log } = await oneTopic({ segmentBytes: 1024 });
    for (let index = 0; index < 20; index++)
      await log.append(batchOf(['v'.repeat(200)], { timestamp: 1000 + index * 10 }));
    expect(await log.offsetForTime(0)).toEqual({ offset: 0, timestamp: 1000 });
    expect(await log.offsetForTime(1095)).toEqual({ offset: 10, timestamp: 1100 });
    expect(await log.offsetForTime(1190)).toEqual({ offset: 19, timestamp: 1190 });
    expect(await log.offsetForTime(1191)).toBeNull();
    expect(await log.timestampAt(12)).toBe(1120);
    expect(await log.timestampAt(20)).toBeNull();
    expect(await log.latestTimed()).toEqual({ offset: 19, timestamp: 1190 });
  });
});

describe('finding by time behind deleted records', () => {
  it('looks on when the only late record of a batch is deleted', async () => {
    const { log } = await oneTopic();
    const records = [9000, 1000, 1000].map((timestamp) => ({ key: null, value: Buffer.from('v'), timestamp }));
    await log.append(parseBatches(buildBatch(records)));
    await log.append(batchOf(['late'], { timestamp: 9500 }));
    await log.deleteRecordsBefore(1);
    expect(await log.offsetForTime(5000)).toEqual({ offset: 3, timestamp: 9500 });
  });
});

describe('idempotent producers', () => {
  it('stores a batch sent again once and tells its first offset', async () => {
    const { log } = await oneTopic();
    for (let index = 0; index < 8; index++) await log.append(batchOf(['a', 'b'], producer(index * 2)));
    for (let index = 3; index < 8; index++)
      expect(await log.append(batchOf(['a', 'b'], producer(index * 2)))).toEqual({ baseOffset: index * 2 });
    expect(log.highWatermark).toBe(16);
    await expect(log.append(batchOf(['a', 'b'], producer(0)))).rejects.toMatchObject({ reason: 'old-duplicate' });
  });

  it('waits with the answer to a duplicate until the first one is synced', async () => {
    const { log } = await oneTopic();
    const [first, again] = await Promise.all([
      log.append(batchOf(['a'], producer(0))),
      log.append(batchOf(['a'], producer(0))),
    ]);
    expect(again).toEqual(first);
    expect(log.highWatermark).toBe(1);
  });

  it('refuses a gap and a stale epoch; a new epoch begins at 0', async () => {
    const { log } = await oneTopic();
    await log.append(batchOf(['a'], producer(0)));
    await expect(log.append(batchOf(['a'], producer(2)))).rejects.toMatchObject({ reason: 'out-of-order' });
    await expect(log.append(batchOf(['a'], producer(1, 1)))).rejects.toMatchObject({ reason: 'out-of-order' });
    await log.append(batchOf(['a'], producer(0, 1)));
    await expect(log.append(batchOf(['a'], producer(1, 0)))).rejects.toMatchObject({ reason: 'stale-epoch' });
    expect(log.highWatermark).toBe(2);
  });

  it('counts on from 2^31 - 1 to 0', async () => {
    const { log } = await oneTopic();
    await log.append(batchOf(['a', 'b'], producer(2 ** 31 - 2)));
    await log.append(batchOf(['c', 'd'], producer(0)));
    await log.append(batchOf(['e'], producer(2)));
    expect(await log.append(batchOf(['a', 'b'], producer(2 ** 31 - 2)))).toEqual({ baseOffset: 0 });
    const wrapping = producer(2 ** 31 - 1, 0, 8);
    await log.append(batchOf(['x', 'y'], wrapping));
    await log.append(batchOf(['z'], producer(1, 0, 8)));
    expect(log.highWatermark).toBe(8);
  });

  it.each(['clean stop', 'crash'])('remembers them across a %s, also behind a segment roll', async (how) => {
    const { fs, store, log } = await oneTopic({ segmentBytes: 1024 });
    for (let index = 0; index < 9; index++) await log.append(batchOf(['v'.repeat(300)], producer(index)));
    if (how === 'clean stop') await store.close();
    const reopened = (await openOn(fs.crash())).partition('t', 0)!;
    expect(reopened.highWatermark).toBe(9);
    for (let index = 4; index < 9; index++)
      expect(await reopened.append(batchOf(['v'.repeat(300)], producer(index)))).toEqual({ baseOffset: index });
    expect(await reopened.append(batchOf(['v'], producer(9)))).toEqual({ baseOffset: 9 });
  });
});

describe('crashes', () => {
  it('keeps everything acknowledged and nothing torn, whatever part of the unsynced tail reached the disk', async () => {
    for (let round = 0; round < 60; round++) {
      const { fs, log } = await oneTopic({ segmentBytes: 2000 });
      const acknowledged: number[] = [];
      const appends = Array.from({ length: 12 }, async (_, index) => {
        const { baseOffset } = await log.append(batchOf(['v'.repeat((index * 97 + round * 31) % 700), `${index}`]));
        acknowledged.push(baseOffset);
      });
      // Let go at a different moment each round, with writes under way.
      for (let step = 0; step < round; step++) await Promise.resolve();
      const seen = [...acknowledged];
      const after = fs.crash((tail) => tail.subarray(0, Math.floor(tail.length * ((round % 10) / 9))));
      await Promise.all(appends);
      const reopened = await openOn(after);
      const recovered = reopened.partition('t', 0)!;
      const offsets = await offsetsOf(recovered);
      for (const offset of seen) expect(offsets.map(([first]) => first)).toContain(offset);
      expect(offsets.map(([first]) => first)).toEqual(offsets.map((_, index) => index * 2));
      // And it goes on from there.
      expect(await recovered.append(batchOf(['next']))).toEqual({ baseOffset: offsets.length * 2 });
    }
  });

  it('does not serve what is written but not synced', async () => {
    const { fs, log } = await oneTopic();
    await log.append(batchOf(['a']));
    fs.failNextSync = true;
    await expect(log.append(batchOf(['b']))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(log.highWatermark).toBe(1);
    expect(await offsetsOf(log)).toEqual([[0, 0]]);
  });

  it('rebuilds a lost or damaged index from the log', async () => {
    const { fs, store, log } = await oneTopic({ segmentBytes: 5000 });
    for (let index = 0; index < 30; index++)
      await log.append(batchOf(['v'.repeat(900)], { timestamp: index + 1, ...producer(index) }));
    await store.close();
    let damaged = 0;
    fs.damage(
      (name) => name.endsWith('.index'),
      (content) => {
        damaged++;
        return damaged % 2 === 0 ? Buffer.alloc(0) : Buffer.concat([content.subarray(0, 40), Buffer.from('#')]);
      },
    );
    expect(damaged).toBeGreaterThan(3);
    const reopened = (await openOn(fs)).partition('t', 0)!;
    expect((await offsetsOf(reopened)).length).toBe(30);
    expect(await reopened.offsetForTime(17)).toEqual({ offset: 16, timestamp: 17 });
    expect(await reopened.append(batchOf(['v'.repeat(900)], producer(29)))).toEqual({ baseOffset: 29 });
  });

  it('serves what is left around a segment that is damaged in the middle, and says so', async () => {
    const { fs, store, log } = await oneTopic({ segmentBytes: 3000 });
    for (let index = 0; index < 9; index++) await log.append(batchOf(['v'.repeat(900)]));
    await store.close();
    fs.damage(
      (name) => name.endsWith('.index'),
      () => Buffer.alloc(0),
    );
    fs.damage(
      (name) => name.endsWith(`${'0'.repeat(20)}.log`),
      (content) => {
        content[1200] = content[1200]! ^ 1;
        return content;
      },
    );
    const errors: string[] = [];
    const sink = {
      info: () => undefined,
      warn: () => undefined,
      error: (message: string) => void errors.push(message),
    };
    const reopened = (await openOn(fs, undefined, sink)).partition('t', 0)!;
    expect(errors).toEqual([expect.stringMatching(/damaged in the middle/)]);
    expect(reopened.highWatermark).toBe(9);
    expect((await offsetsOf(reopened)).map(([first]) => first)).toEqual([0, 3, 4, 5, 6, 7, 8]);
  });
});

describe('a full disk and a failed sync', () => {
  it('refuses with DISK_FULL, cuts the file back, keeps serving, and takes records again when there is room', async () => {
    const { fs, log } = await oneTopic();
    await log.append(batchOf(['a'], producer(0)));
    const size = log.sizeBytes;
    fs.freeBytes = 20;
    await expect(log.append(batchOf(['b'], producer(1)))).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(log.sizeBytes).toBe(size);
    expect(await offsetsOf(log)).toEqual([[0, 0]]);
    fs.freeBytes = Number.POSITIVE_INFINITY;
    expect(await log.append(batchOf(['b'], producer(1)))).toEqual({ baseOffset: 1 });
    const reopened = (await openOn(fs.crash())).partition('t', 0)!;
    expect(await offsetsOf(reopened)).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('tells the log once an outage', async () => {
    const errors: string[] = [];
    const sink = { ...quietLog, error: (message: string) => errors.push(message) };
    const { fs, log } = await oneTopic({}, undefined, sink);
    for (const outage of [1, 2]) {
      fs.freeBytes = 0;
      for (const value of ['a', 'b', 'c'])
        await expect(log.append(batchOf([value]))).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(errors).toHaveLength(outage);
      fs.freeBytes = Number.POSITIVE_INFINITY;
      await log.append(batchOf(['room again']));
    }
  });

  it('refuses a roll that finds no room for the next segment', async () => {
    const { fs, log } = await oneTopic({ segmentBytes: 1024 });
    await log.append(batchOf(['v'.repeat(1000)]));
    fs.freeBytes = 10;
    await expect(log.append(batchOf(['w']))).rejects.toMatchObject({ code: 'DISK_FULL' });
    fs.freeBytes = Number.POSITIVE_INFINITY;
    expect(await log.append(batchOf(['w']))).toEqual({ baseOffset: 1 });
  });

  it('never retries a failed sync: the partition is closed for writing until the next start', async () => {
    const { fs, log } = await oneTopic();
    await log.append(batchOf(['a']));
    fs.failNextSync = true;
    const both = [log.append(batchOf(['b'])), log.append(batchOf(['c']))];
    for (const refused of both) await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const syncs = fs.syncCount;
    await expect(log.append(batchOf(['d']))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(fs.syncCount).toBe(syncs);
    const reopened = (await openOn(fs.crash())).partition('t', 0)!;
    expect(await reopened.append(batchOf(['d']))).toEqual({ baseOffset: 1 });
  });
});

describe('retention and deleting records', () => {
  it('removes segments that are too old, also the one being written, and keeps the offsets', async () => {
    let now = 10_000;
    const { fs, store, log } = await oneTopic({ retentionMs: 1000, segmentBytes: 1024 }, () => now);
    for (let index = 0; index < 6; index++)
      await log.append(batchOf(['v'.repeat(800)], { timestamp: 10_000 + index * 100 }));
    now = 11_250;
    await store.enforceRetention();
    expect([log.logStart, log.highWatermark]).toEqual([3, 6]);
    await expect(log.read(0, 100)).rejects.toThrow(/outside/);
    now = 20_000;
    await store.enforceRetention();
    expect([log.logStart, log.highWatermark, log.sizeBytes]).toEqual([6, 6, 0]);
    const reopened = (await openOn(fs.crash())).partition('t', 0)!;
    expect([reopened.logStart, reopened.highWatermark]).toEqual([6, 6]);
    expect(await reopened.append(batchOf(['a']))).toEqual({ baseOffset: 6 });
  });

  it('removes the oldest segments of a partition that is too large', async () => {
    const { store, log } = await oneTopic({ retentionBytes: 3000, segmentBytes: 1024 });
    for (let index = 0; index < 10; index++) await log.append(batchOf(['v'.repeat(900)]));
    await store.enforceRetention();
    expect(log.sizeBytes).toBeGreaterThanOrEqual(3000);
    expect(log.sizeBytes).toBeLessThan(4200);
    expect(log.highWatermark).toBe(10);
    expect((await offsetsOf(log)).at(-1)).toEqual([9, 9]);
  });

  it('keeps for ever what has no limit', async () => {
    const { store, log } = await oneTopic({ retentionMs: -1, segmentBytes: 1024 });
    for (let index = 0; index < 5; index++) await log.append(batchOf(['v'.repeat(900)], { timestamp: 1 }));
    await store.enforceRetention();
    expect(log.logStart).toBe(0);
  });

  it('deletes records before an offset, durably', async () => {
    const { fs, log } = await oneTopic({ segmentBytes: 1024 });
    for (let index = 0; index < 6; index++) await log.append(batchOf(['v'.repeat(900), 'w']));
    expect(await log.deleteRecordsBefore(5)).toBe(5);
    await expect(log.read(4, 100)).rejects.toThrow(/outside/);
    expect((await offsetsOf(log))[0]).toEqual([4, 5]);
    await expect(log.deleteRecordsBefore(13)).rejects.toThrow(/beyond the end/);
    const reopened = (await openOn(fs.crash())).partition('t', 0)!;
    expect(reopened.logStart).toBe(5);
    expect(await reopened.deleteRecordsBefore(-1)).toBe(12);
    expect(reopened.highWatermark).toBe(12);
  });
});

describe('replicas', () => {
  it('keep the offsets of their source, skip what they have, and allow gaps forward', async () => {
    const { fs, log } = await oneTopic();
    await log.appendReplica(Buffer.concat([replicaBatch(0, ['a', 'b']), replicaBatch(2)]));
    await log.appendReplica(Buffer.concat([replicaBatch(2), replicaBatch(3)]));
    await log.appendReplica(replicaBatch(10, ['x', 'y']));
    const expected = [
      [0, 1],
      [2, 2],
      [3, 3],
      [10, 11],
    ];
    expect(await offsetsOf(log)).toEqual(expected);
    expect(await offsetsOf(log, 5)).toEqual([[10, 11]]);
    expect(log.highWatermark).toBe(12);
    await expect(log.appendReplica(replicaBatch(11, ['x', 'y', 'z']))).rejects.toMatchObject({ code: 'LINK_DIVERGED' });
    const reopened = (await openOn(fs.crash())).partition('t', 0)!;
    expect(await offsetsOf(reopened)).toEqual(expected);
  });

  it('begin where the source begins', async () => {
    const { fs, log } = await oneTopic();
    await log.appendReplica(replicaBatch(5000));
    expect([log.logStart, log.highWatermark]).toEqual([5000, 5001]);
    const reopened = (await openOn(fs.crash())).partition('t', 0)!;
    expect([reopened.logStart, reopened.highWatermark]).toEqual([5000, 5001]);
  });

  it('refuse damaged batches as a whole', async () => {
    const { log } = await oneTopic();
    const bad = replicaBatch(1);
    bad[65] = bad[65]! ^ 1;
    await expect(log.appendReplica(Buffer.concat([replicaBatch(0), bad]))).rejects.toMatchObject({ code: 'PROTOCOL' });
    expect(log.highWatermark).toBe(0);
  });
});
