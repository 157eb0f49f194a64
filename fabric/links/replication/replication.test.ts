import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseBatches } from '@/fabric/kafka/record-batch';
import type { LogStore } from '@/fabric/log';
import { linkGroup } from '../telemetry';
import { batchOf, Edge, Headquarters, makeDirectory, PREFIX } from '../testing/sites';

const BROADCAST = `${PREFIX}BROADCAST`;
const REQUEST = `${PREFIX}REQUEST.alpha`;
const PATTERNS = { inbound: ['BROADCAST'], outbound: ['REQUEST.alpha'] };

let hqDirectory: Awaited<ReturnType<typeof makeDirectory>>;
let edgeDirectory: Awaited<ReturnType<typeof makeDirectory>>;
let hq: Headquarters;
let alpha: Edge;

beforeEach(async () => {
  hqDirectory = await makeDirectory();
  edgeDirectory = await makeDirectory();
  hq = await new Headquarters(hqDirectory.directory).start();
  alpha = await new Edge('alpha', edgeDirectory.directory, () => hq.address).start();
});

afterEach(async () => {
  await alpha.stop();
  await hq.stop();
  await edgeDirectory.remove();
  await hqDirectory.remove();
});

const append = (store: LogStore, topic: string, values: string[], partition = 0, timestamp?: number) =>
  store.partition(topic, partition)!.append(parseBatches(batchOf(values, timestamp)));

const end = (store: LogStore, topic: string, partition = 0) => store.partition(topic, partition)?.highWatermark ?? 0;

/** The log as it is served: every byte but the leader epoch. */
async function content(store: LogStore, topic: string, partition = 0): Promise<Buffer> {
  const log = store.partition(topic, partition)!;
  const pieces: Buffer[] = [];
  for (let at = log.logStart; at < log.highWatermark; ) {
    const piece = await log.read(at, 1024 * 1024);
    pieces.push(piece);
    at = parseBatches(piece).at(-1)!.header.lastOffset + 1;
  }
  return Buffer.concat(pieces);
}

/** Offsets and record bytes of each batch: what has to be equal where producers differ. */
async function records(store: LogStore, topic: string): Promise<string[]> {
  return parseBatches(await content(store, topic)).map(
    ({ header, bytes }) => `${header.baseOffset}-${header.lastOffset}:${bytes.subarray(61).toString('hex')}`,
  );
}

const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 20 });

describe('inbound', () => {
  it('creates the replica with the same partitions, and the same bytes at the same offsets', async () => {
    await hq.store.create(BROADCAST, { partitions: 3 });
    for (let partition = 0; partition < 3; partition++)
      await append(hq.store, BROADCAST, [`old ${partition}`], partition);
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(alpha.store, BROADCAST, 2)).toBe(1));
    expect(alpha.store.get(BROADCAST)).toMatchObject({ partitions: 3, replica: true });
    await append(hq.store, BROADCAST, ['a', 'b'], 1);
    await append(hq.store, BROADCAST, ['c'], 1);
    await eventually(() => expect(end(alpha.store, BROADCAST, 1)).toBe(4));
    for (let partition = 0; partition < 3; partition++)
      expect(await content(alpha.store, BROADCAST, partition)).toEqual(await content(hq.store, BROADCAST, partition));
    const { inbound } = await alpha.status();
    expect(inbound).toMatchObject({ state: 'up', lagRecords: 0, recordsTotal: 6, lastError: null });
  });

  it('uses the memory of an answer again only when its records are on the disk', async () => {
    await hq.store.create(BROADCAST, { partitions: 1 });
    await append(hq.store, BROADCAST, ['first']);
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(alpha.store, BROADCAST)).toBe(1));
    // A disk that is slower than the link: the next answer is there before this one is written.
    const replica = alpha.store.partition(BROADCAST, 0)!;
    const appendReplica = replica.appendReplica.bind(replica);
    vi.spyOn(replica, 'appendReplica').mockImplementation(async (batches) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await appendReplica(batches);
    });
    for (let index = 0; index < 64; index++) await append(hq.store, BROADCAST, [String(index).repeat(100_000)]);
    await eventually(() => expect(end(alpha.store, BROADCAST)).toBe(65));
    // Compared here: the matchers would compare millions of bytes one by one.
    expect((await content(alpha.store, BROADCAST)).equals(await content(hq.store, BROADCAST))).toBe(true);
    expect((await alpha.status()).inbound.lastError).toBe(null);
  });

  it('brings only the topics that it was set up for', async () => {
    for (const topic of [BROADCAST, `${PREFIX}REQUEST.beta`, 'm.pipeline.FEED', 'other'])
      await hq.store.create(topic, { partitions: 1 });
    await alpha.declare(PATTERNS);
    await eventually(() => expect(alpha.store.get(BROADCAST)).toBeDefined());
    await eventually(async () => expect((await alpha.status()).inbound.state).toBe('up'));
    expect(alpha.store.list().map((topic) => topic.name)).toEqual([BROADCAST]);
  });

  it('finds a topic that HQ creates later', async () => {
    await alpha.declare(PATTERNS);
    await eventually(async () => expect((await alpha.status()).inbound.state).toBe('up'));
    await hq.store.create(BROADCAST, { partitions: 1 });
    await append(hq.store, BROADCAST, ['late']);
    await eventually(() => expect(end(alpha.store, BROADCAST)).toBe(1));
  });

  it('takes over an empty topic that was made here first, and grows with HQ', async () => {
    await alpha.store.create(BROADCAST, { partitions: 1 });
    await hq.store.create(BROADCAST, { partitions: 2 });
    await append(hq.store, BROADCAST, ['x'], 1);
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(alpha.store, BROADCAST, 1)).toBe(1));
    expect(alpha.store.get(BROADCAST)).toMatchObject({ partitions: 2, replica: true });
  });

  it('fails in words where the topic was written here', async () => {
    await alpha.store.create(BROADCAST, { partitions: 1 });
    await append(alpha.store, BROADCAST, ['mine']);
    await hq.store.create(BROADCAST, { partitions: 1 });
    await alpha.declare(PATTERNS);
    await eventually(async () => expect((await alpha.status()).inbound.state).toBe('failed'));
    expect((await alpha.status()).inbound.lastError).toContain('was written here');
  });

  it('resumes from its own log end over restarts of both sides', async () => {
    await hq.store.create(BROADCAST, { partitions: 1 });
    await alpha.declare(PATTERNS);
    for (let round = 0; round < 3; round++) {
      await append(hq.store, BROADCAST, [`${round} a`, `${round} b`]);
      await eventually(() => expect(end(alpha.store, BROADCAST)).toBe(2 * round + 2));
      if (round === 0) {
        await alpha.stop();
        await alpha.start();
      } else {
        await hq.stop();
        await hq.start();
      }
    }
    expect(await content(alpha.store, BROADCAST)).toEqual(await content(hq.store, BROADCAST));
  });

  it('goes on behind what HQ no longer holds, and says how much was lost', async () => {
    await hq.store.create(BROADCAST, { partitions: 1, config: { segmentBytes: 1024 } });
    await append(hq.store, BROADCAST, ['0']);
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(alpha.store, BROADCAST)).toBe(1));
    await alpha.links.get('/m/replicated')!.setPaused('inbound', true);
    for (let index = 0; index < 20; index++) await append(hq.store, BROADCAST, ['x'.repeat(400)]);
    await hq.store.partition(BROADCAST, 0)!.deleteRecordsBefore(15);
    await alpha.links.get('/m/replicated')!.setPaused('inbound', false);
    await eventually(() => expect(end(alpha.store, BROADCAST)).toBe(21));
    expect((await alpha.status()).inbound.lastError).toMatch(/14 records of .* were deleted by retention at HQ/);
  });

  it('fails in words when HQ lost records', async () => {
    await hq.store.create(BROADCAST, { partitions: 1 });
    await append(hq.store, BROADCAST, ['a', 'b', 'c']);
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(alpha.store, BROADCAST)).toBe(3));
    await hq.store.delete(BROADCAST);
    await hq.store.create(BROADCAST, { partitions: 1 });
    await append(hq.store, BROADCAST, ['z']);
    await alpha.links.get('/m/replicated')!.setPaused('inbound', true);
    await alpha.links.get('/m/replicated')!.setPaused('inbound', false);
    await eventually(async () => expect((await alpha.status()).inbound.state).toBe('failed'));
    expect((await alpha.status()).inbound.lastError).toContain('HQ has m.replicated.BROADCAST only up to offset 1');
    expect(end(alpha.store, BROADCAST)).toBe(3);
  });

  it('notices another history of the same length', async () => {
    await hq.store.create(BROADCAST, { partitions: 1 });
    await append(hq.store, BROADCAST, ['a', 'b', 'c'], 0, 1_000);
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(alpha.store, BROADCAST)).toBe(3));
    await hq.store.delete(BROADCAST);
    await hq.store.create(BROADCAST, { partitions: 1 });
    await append(hq.store, BROADCAST, ['p', 'q', 'r', 's'], 0, 2_000);
    await alpha.links.get('/m/replicated')!.setPaused('inbound', true);
    await alpha.links.get('/m/replicated')!.setPaused('inbound', false);
    await eventually(async () => expect((await alpha.status()).inbound.state).toBe('failed'));
    expect((await alpha.status()).inbound.lastError).toContain('does not hold the same records');
  });
});

describe('outbound', () => {
  it('creates the topic at HQ and keeps the offsets', async () => {
    await alpha.store.create(REQUEST, { partitions: 2 });
    await append(alpha.store, REQUEST, ['before'], 1);
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(hq.store, REQUEST, 1)).toBe(1));
    expect(hq.store.get(REQUEST)).toMatchObject({ partitions: 2, replica: false });
    for (let index = 0; index < 50; index++) await append(alpha.store, REQUEST, [`${index}`]);
    await eventually(() => expect(end(hq.store, REQUEST)).toBe(50));
    expect(await records(hq.store, REQUEST)).toEqual(await records(alpha.store, REQUEST));
    await eventually(async () =>
      expect((await alpha.status()).outbound).toMatchObject({ state: 'up', lagRecords: 0, lagMs: 0, recordsTotal: 51 }),
    );
  });

  it('says what waits while HQ is away, also after a restart, and brings it once', async () => {
    await alpha.store.create(REQUEST, { partitions: 1 });
    await append(alpha.store, REQUEST, ['0']);
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(hq.store, REQUEST)).toBe(1));
    await eventually(async () => expect((await alpha.status()).outbound.lagRecords).toBe(0));
    await hq.stop();
    await append(alpha.store, REQUEST, ['1', '2']);
    await eventually(async () =>
      expect((await alpha.status()).outbound).toMatchObject({ state: 'down', lagRecords: 2 }),
    );
    await alpha.stop();
    await alpha.start();
    expect((await alpha.status()).outbound.lagRecords).toBe(2);
    expect((await alpha.status()).outbound.lagBytes).toBeGreaterThan(0);
    await hq.start();
    await eventually(() => expect(end(hq.store, REQUEST)).toBe(3));
    expect(await records(hq.store, REQUEST)).toEqual(await records(alpha.store, REQUEST));
  });

  it('a rebuilt edge takes its own records back from HQ and goes on behind them', async () => {
    await alpha.store.create(REQUEST, { partitions: 1 });
    await append(alpha.store, REQUEST, ['a', 'b']);
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(hq.store, REQUEST)).toBe(2));
    await alpha.stop();
    await edgeDirectory.remove();
    edgeDirectory = await makeDirectory();
    alpha = await new Edge('alpha', edgeDirectory.directory, () => hq.address).start();
    await alpha.store.create(REQUEST, { partitions: 1 });
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(alpha.store, REQUEST)).toBe(2));
    await append(alpha.store, REQUEST, ['c']);
    await eventually(() => expect(end(hq.store, REQUEST)).toBe(3));
    expect(await records(hq.store, REQUEST)).toEqual(await records(alpha.store, REQUEST));
  });

  it('fails in words when HQ has records that this site does not', async () => {
    await hq.store.create(REQUEST, { partitions: 1 });
    await append(hq.store, REQUEST, ['x', 'y']);
    await alpha.store.create(REQUEST, { partitions: 1 });
    await append(alpha.store, REQUEST, ['mine']);
    await alpha.declare(PATTERNS);
    await eventually(async () => expect((await alpha.status()).outbound.state).toBe('failed'));
    expect((await alpha.status()).outbound.lastError).toContain('another site uses its id');
    expect(end(hq.store, REQUEST)).toBe(2);
  });

  it('fails in words when somebody else writes the topic at HQ', async () => {
    await alpha.store.create(REQUEST, { partitions: 1 });
    await append(alpha.store, REQUEST, ['0']);
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(hq.store, REQUEST)).toBe(1));
    await append(hq.store, REQUEST, ['intruder']);
    await append(alpha.store, REQUEST, ['1']);
    await eventually(async () => expect((await alpha.status()).outbound.state).toBe('failed'));
    expect((await alpha.status()).outbound.lastError).toContain('somebody else writes this topic');
  });

  it('keeps the offsets where retention took records before HQ had them', async () => {
    await alpha.store.create(REQUEST, { partitions: 1 });
    await append(alpha.store, REQUEST, ['0']);
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(hq.store, REQUEST)).toBe(1));
    await alpha.links.get('/m/replicated')!.setPaused('outbound', true);
    for (let index = 1; index < 10; index++) await append(alpha.store, REQUEST, [`${index}`]);
    await alpha.store.partition(REQUEST, 0)!.deleteRecordsBefore(7);
    await alpha.links.get('/m/replicated')!.setPaused('outbound', false);
    await eventually(() => expect(end(hq.store, REQUEST)).toBe(10));
    const here = await records(alpha.store, REQUEST);
    expect((await records(hq.store, REQUEST)).slice(-here.length)).toEqual(here);
    expect((await alpha.status()).outbound.lastError).toContain('6 records');
  });
});

describe('both directions', () => {
  it('pause and resume apart, and stay paused over a restart', async () => {
    await hq.store.create(BROADCAST, { partitions: 1 });
    await alpha.store.create(REQUEST, { partitions: 1 });
    await append(hq.store, BROADCAST, ['0']);
    await alpha.declare(PATTERNS);
    await eventually(() => expect(end(alpha.store, BROADCAST)).toBe(1));
    await alpha.links.get('/m/replicated')!.setPaused('inbound', true);
    await append(hq.store, BROADCAST, ['1', '2']);
    await append(alpha.store, REQUEST, ['out']);
    await eventually(() => expect(end(hq.store, REQUEST)).toBe(1));
    await alpha.stop();
    await alpha.start();
    // What waits is known although nothing is brought.
    await eventually(async () =>
      expect((await alpha.status()).inbound).toMatchObject({ state: 'paused', lagRecords: 2 }),
    );
    expect(end(alpha.store, BROADCAST)).toBe(1);
    await alpha.links.get('/m/replicated')!.setPaused('inbound', false);
    await eventually(() => expect(end(alpha.store, BROADCAST)).toBe(3));
  });

  it('a cut takes both down, and both come back by themselves', async () => {
    await hq.store.create(BROADCAST, { partitions: 1 });
    await alpha.store.create(REQUEST, { partitions: 1 });
    await alpha.declare(PATTERNS);
    await eventually(async () => expect((await alpha.status()).outbound.state).toBe('up'));
    for (let round = 0; round < 5; round++) {
      alpha.links.setConditions({ cut: true, bytesPerSecond: null, latencyMs: 0 });
      await eventually(async () => {
        const { inbound, outbound } = await alpha.status();
        expect([inbound.state, outbound.state]).toEqual(['down', 'down']);
      });
      await append(hq.store, BROADCAST, [`in ${round}`]);
      await append(alpha.store, REQUEST, [`out ${round}`]);
      alpha.links.setConditions({ cut: false, bytesPerSecond: null, latencyMs: 0 });
      await eventually(() => {
        expect(end(alpha.store, BROADCAST)).toBe(round + 1);
        expect(end(hq.store, REQUEST)).toBe(round + 1);
      });
    }
    expect(await content(alpha.store, BROADCAST)).toEqual(await content(hq.store, BROADCAST));
    expect(await records(hq.store, REQUEST)).toEqual(await records(alpha.store, REQUEST));
  });

  it('gets through a thin, slow link without a loss', async () => {
    await hq.store.create(BROADCAST, { partitions: 1 });
    await alpha.store.create(REQUEST, { partitions: 1 });
    alpha.links.setConditions({ cut: false, bytesPerSecond: 30_000, latencyMs: 50 });
    for (let index = 0; index < 40; index++) await append(hq.store, BROADCAST, ['b'.repeat(1_000)]);
    for (let index = 0; index < 40; index++) await append(alpha.store, REQUEST, ['r'.repeat(1_000)]);
    await alpha.declare(PATTERNS);
    await eventually(() => {
      expect(end(alpha.store, BROADCAST)).toBe(40);
      expect(end(hq.store, REQUEST)).toBe(40);
    });
    expect(await content(alpha.store, BROADCAST)).toEqual(await content(hq.store, BROADCAST));
    expect((await alpha.status()).estimatedBytesPerSecond).toBeLessThanOrEqual(30_000);
  });

  it('two edges share HQ, each with its own topic', async () => {
    const betaDirectory = await makeDirectory();
    const beta = await new Edge('beta', betaDirectory.directory, () => hq.address).start();
    try {
      await hq.store.create(BROADCAST, { partitions: 1 });
      await alpha.store.create(REQUEST, { partitions: 1 });
      await beta.store.create(`${PREFIX}REQUEST.beta`, { partitions: 1 });
      await alpha.declare(PATTERNS);
      await beta.declare({ inbound: ['BROADCAST'], outbound: ['REQUEST.beta'] });
      await append(hq.store, BROADCAST, ['to all']);
      await append(alpha.store, REQUEST, ['a']);
      await append(beta.store, `${PREFIX}REQUEST.beta`, ['b']);
      await eventually(() => {
        expect([end(alpha.store, BROADCAST), end(beta.store, BROADCAST)]).toEqual([1, 1]);
        expect([end(hq.store, REQUEST), end(hq.store, `${PREFIX}REQUEST.beta`)]).toEqual([1, 1]);
      });
      expect(alpha.store.get(`${PREFIX}REQUEST.beta`)).toBeUndefined();
    } finally {
      await beta.stop();
      await betaDirectory.remove();
    }
  });

  it('carries every topic of the stream where none is named, each from where it is written', async () => {
    await hq.store.create(BROADCAST, { partitions: 1 });
    await alpha.store.create(REQUEST, { partitions: 1 });
    await alpha.declare({ inbound: ['*'], outbound: ['*'] });
    await append(hq.store, BROADCAST, ['in']);
    await append(alpha.store, REQUEST, ['out']);
    await eventually(() => {
      expect(end(alpha.store, BROADCAST)).toBe(1);
      expect(end(hq.store, REQUEST)).toBe(1);
    });
    expect(alpha.store.get(REQUEST)?.replica).toBe(false);
  });

  it('tells HQ how it does, under its own consumer group', async () => {
    await hq.store.create(BROADCAST, { partitions: 1 });
    await append(hq.store, BROADCAST, ['a', 'b']);
    await alpha.declare(PATTERNS);
    await eventually(() => {
      const [commit] = hq.committed(linkGroup('alpha'));
      expect(commit).toMatchObject({ topic: BROADCAST, partition: 0, offset: 2 });
      const report = JSON.parse(commit!.metadata);
      expect(report).toMatchObject({ site: 'alpha', inbound: 'up', outbound: 'up' });
      expect(Date.parse(report.asOf)).toBeGreaterThan(0);
    });
  });
});
