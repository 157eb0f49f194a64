/** The suite that every driver of the streams port passes. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StreamRecord, Streams, SubscribeOptions, TopicRef } from '@/lib/ports/streams';

/** A fresh fabric, without topics. */
export interface StreamsUnderTest {
  streams: Streams;
  /** The same fabric as another process sees it: members of its own, which the suite closes. */
  another(): Promise<Streams>;
  dispose(): Promise<void>;
}

const SETTLE_TIMEOUT_MS = 30_000;
const eventually = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: SETTLE_TIMEOUT_MS, interval: 20 });
const topic = (name: string): TopicRef => ({ stream: 'pipeline', topic: name });
const values = (records: StreamRecord[]) => records.map((record) => record.value);
const numbered = (count: number, key: (index: number) => string = () => 'k') =>
  Array.from({ length: count }, (_, index) => ({ key: key(index), value: `v${index}` }));

export function streamsConformance(name: string, make: () => Promise<StreamsUnderTest>): void {
  describe(`streams conformance: ${name}`, () => {
    const T = topic('T');
    let under: StreamsUnderTest;
    let streams: Streams;
    let group: string;

    beforeEach(async () => {
      under = await make();
      streams = under.streams;
      group = `g-${randomUUID()}`;
    });
    afterEach(async () => {
      await streams.close();
      await under.dispose();
    });

    /** Subscribes and collects; the handler may be told to do otherwise. */
    async function collect(options: Partial<SubscribeOptions> = {}, by: Streams = streams) {
      const received: StreamRecord[] = [];
      const subscription = await by.subscribe({
        group,
        topics: [T],
        from: 'earliest',
        handler: async (records) => {
          received.push(...records);
        },
        ...options,
      });
      return { received, subscription };
    }

    describe('producing', () => {
      it('delivers what was produced, whole', async () => {
        await streams.ensureTopic(T);
        const before = Date.now();
        await streams.produce(T, [{ key: 'ä', value: '{"ü":1}', headers: { trace: 'x y' } }]);
        await streams.produce(T, [{ key: 'b', value: '' }]);
        const { received } = await collect();
        await eventually(() => expect(received).toHaveLength(2));
        expect(received[0]).toMatchObject({
          topic: T,
          partition: 0,
          offset: '0',
          key: 'ä',
          value: '{"ü":1}',
          headers: { trace: 'x y' },
        });
        expect(received[0]!.timestamp).toBeGreaterThanOrEqual(before - 1);
        expect(received[1]).toMatchObject({ offset: '1', value: '', headers: {} });
      });

      it('keeps the order of one key, over calls that do not wait for each other', async () => {
        await streams.ensureTopic(T, { partitions: 3 });
        const keys = ['a', 'b', 'c', 'd', 'e'];
        await Promise.all(
          Array.from({ length: 60 }, (_, index) =>
            streams.produce(
              T,
              keys.map((key) => ({ key, value: `${key}${index}` })),
            ),
          ),
        );
        const { received } = await collect();
        await eventually(() => expect(received).toHaveLength(300));
        for (const key of keys) {
          const own = received.filter((record) => record.key === key);
          expect(values(own)).toEqual(Array.from({ length: 60 }, (_, index) => `${key}${index}`));
          expect(new Set(own.map((record) => record.partition)).size).toBe(1);
        }
      });

      it('takes a large call whole', async () => {
        await streams.ensureTopic(T);
        await streams.produce(
          T,
          Array.from({ length: 3_000 }, (_, index) => ({ key: 'k', value: `${index}:${'x'.repeat(700)}` })),
        );
        const { received } = await collect();
        await eventually(() => expect(received).toHaveLength(3_000));
        expect(received.every((record, index) => record.value.startsWith(`${index}:`))).toBe(true);
      });

      it('rejects for a topic that does not exist', async () => {
        await expect(streams.produce(topic('NONE'), numbered(1))).rejects.toMatchObject({ code: 'NOT_FOUND' });
      });

      it('accepts nothing at all', async () => {
        await streams.ensureTopic(T);
        await streams.produce(T, []);
        expect(await streams.tail(T, 10)).toEqual([]);
      });
    });

    describe('subscribing', () => {
      it('gives at most maxBatchRecords of one partition, in offset order', async () => {
        await streams.ensureTopic(T, { partitions: 2 });
        await streams.produce(
          T,
          numbered(100, (index) => `k${index % 7}`),
        );
        const batches: StreamRecord[][] = [];
        await collect({
          maxBatchRecords: 9,
          handler: async (records) => {
            batches.push(records);
          },
        });
        await eventually(() => expect(batches.flat()).toHaveLength(100));
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(9);
          expect(new Set(batch.map((record) => record.partition)).size).toBe(1);
        }
        for (const partition of [0, 1]) {
          const offsets = batches.flat().filter((record) => record.partition === partition);
          expect(offsets.map((record) => Number(record.offset))).toEqual(offsets.map((_, index) => index));
        }
      });

      it('brings the same records again after the handler threw, before later ones', async () => {
        await streams.ensureTopic(T);
        await streams.produce(T, numbered(3));
        const attempts: string[][] = [];
        await collect({
          maxBatchRecords: 3,
          handler: async (records) => {
            attempts.push(values(records));
            if (attempts.length < 3) throw new Error('not yet');
          },
        });
        await eventually(() => expect(attempts.length).toBeGreaterThanOrEqual(1));
        await streams.produce(T, [{ key: 'k', value: 'later' }]);
        await eventually(() => expect(attempts.flat()).toContain('later'));
        expect(attempts[0]).toEqual(['v0', 'v1', 'v2']);
        expect(attempts[1]!.slice(0, 3)).toEqual(['v0', 'v1', 'v2']);
        expect(attempts[2]!.slice(0, 3)).toEqual(['v0', 'v1', 'v2']);
        expect(attempts.flat().filter((value) => value === 'later')).toHaveLength(1);
      });

      it('commits only after the handler succeeded', async () => {
        await streams.ensureTopic(T);
        await streams.produce(T, numbered(4));
        let seen = 0;
        const { subscription } = await collect({
          maxBatchRecords: 2,
          handler: async (records) => {
            if (records[0]!.offset !== '0') {
              seen += 1;
              throw new Error('only the first two');
            }
          },
        });
        await eventually(() => expect(seen).toBeGreaterThan(0));
        await subscription.stop();
        expect(await streams.lag(group, [T])).toEqual([{ ref: T, records: 2 }]);
        const { received } = await collect();
        await eventually(() => expect(received).toHaveLength(2));
        expect(values(received)).toEqual(['v2', 'v3']);
      });

      it('a stop lets a running handler finish, tells it by the signal, and commits', async () => {
        await streams.ensureTopic(T);
        await streams.produce(T, numbered(1));
        let finished = false;
        const started = { signal: undefined as AbortSignal | undefined };
        const { subscription } = await collect({
          handler: async (_records, { signal }) => {
            started.signal = signal;
            await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
            finished = true;
          },
        });
        await eventually(() => expect(started.signal).toBeDefined());
        await subscription.stop();
        await subscription.done;
        expect(finished).toBe(true);
        expect(await streams.lag(group, [T])).toEqual([{ ref: T, records: 0 }]);
      });

      it('gives every group everything', async () => {
        await streams.ensureTopic(T);
        await streams.produce(T, numbered(5));
        const first = await collect();
        const second = await collect({ group: `${group}-2` });
        await eventually(() => {
          expect(first.received).toHaveLength(5);
          expect(second.received).toHaveLength(5);
        });
      });

      it('begins at the end where a new group asks for it', async () => {
        await streams.ensureTopic(T);
        await streams.produce(T, [{ key: 'k', value: 'old' }]);
        const { received, subscription } = await collect({ from: 'latest' });
        await subscription.ready;
        // The position is taken with the first look, soon after `ready`.
        await eventually(async () => {
          await streams.produce(T, [{ key: 'k', value: 'new' }]);
          expect(received.length).toBeGreaterThan(0);
        });
        expect(values(received)).not.toContain('old');
      });

      it('two members share the partitions; one takes over when the other leaves', async () => {
        await streams.ensureTopic(T, { partitions: 4 });
        const other = await under.another();
        try {
          const first = await collect();
          await first.subscription.ready;
          const second = await collect({}, other);
          await second.subscription.ready;
          let sent = 0;
          const produce = async () => {
            await streams.produce(
              T,
              Array.from({ length: 40 }, () => ({ key: `k${sent}`, value: `v${sent++}` })),
            );
          };
          await eventually(async () => {
            await produce();
            expect(first.received.length).toBeGreaterThan(0);
            expect(second.received.length).toBeGreaterThan(0);
          });
          await second.subscription.stop();
          await produce();
          await eventually(() => {
            const all = new Set(values([...first.received, ...second.received]));
            expect(all.size).toBe(sent);
          });
        } finally {
          await other.close();
        }
      });

      it('waits for a topic that does not exist yet', async () => {
        const { received, subscription } = await collect({ discoveryIntervalMs: 50 });
        await subscription.ready;
        await streams.ensureTopic(T);
        await streams.produce(T, numbered(2));
        await eventually(() => expect(received).toHaveLength(2));
      });

      it('a prefix takes the topics there are and those that appear later, and no others', async () => {
        await streams.ensureTopic(topic('REQ.alpha'));
        await streams.ensureTopic(topic('OTHER'));
        await streams.ensureTopic({ stream: 'replicated', topic: 'REQ.alpha' });
        await streams.produce(topic('REQ.alpha'), [{ key: 'k', value: 'alpha' }]);
        await streams.produce(topic('OTHER'), [{ key: 'k', value: 'other' }]);
        await streams.produce({ stream: 'replicated', topic: 'REQ.alpha' }, [{ key: 'k', value: 'replicated' }]);
        const { received } = await collect({
          topics: { stream: 'pipeline', prefix: 'REQ.' },
          discoveryIntervalMs: 50,
        });
        await eventually(() => expect(values(received)).toEqual(['alpha']));
        await streams.ensureTopic(topic('REQ.beta'));
        await streams.produce(topic('REQ.beta'), [{ key: 'k', value: 'beta' }]);
        await eventually(() => expect(values(received)).toContain('beta'));
        await streams.produce(topic('REQ.alpha'), [{ key: 'k', value: 'alpha 2' }]);
        await eventually(() => expect(values(received)).toContain('alpha 2'));
        expect(received.find((record) => record.value === 'beta')!.topic).toEqual(topic('REQ.beta'));
        expect(values(received).sort()).toEqual(['alpha', 'alpha 2', 'beta']);
      });
    });

    describe('looking', () => {
      it('lists the topics of a stream', async () => {
        await streams.ensureTopic(T, { partitions: 2 });
        await streams.ensureTopic({ stream: 'replicated', topic: 'R' });
        expect(await streams.topics('pipeline')).toEqual([{ ref: T, partitions: 2 }]);
        expect(await streams.topics('replicated')).toEqual([
          { ref: { stream: 'replicated', topic: 'R' }, partitions: 1 },
        ]);
      });

      it('ensures a topic once, grows it, and never lowers it', async () => {
        await Promise.all([streams.ensureTopic(T), streams.ensureTopic(T), streams.ensureTopic(T)]);
        await streams.produce(T, numbered(1));
        await streams.ensureTopic(T, { partitions: 3 });
        await streams.ensureTopic(T, { partitions: 2 });
        await streams.ensureTopic(T);
        expect(await streams.topics('pipeline')).toEqual([{ ref: T, partitions: 3 }]);
        expect(values(await streams.tail(T, 5))).toEqual(['v0']);
      });

      it('a group that never committed lags by everything, then by what it has not done', async () => {
        await streams.ensureTopic(T, { partitions: 2 });
        await streams.produce(
          T,
          numbered(10, (index) => `k${index}`),
        );
        expect(await streams.lag(group, [T])).toEqual([{ ref: T, records: 10 }]);
        expect(await streams.commits(group, [T])).toEqual([]);
        const { received, subscription } = await collect();
        await eventually(() => expect(received).toHaveLength(10));
        await subscription.stop();
        expect(await streams.lag(group, [T])).toEqual([{ ref: T, records: 0 }]);
        await streams.produce(T, numbered(3));
        expect(await streams.lag(group, [T])).toEqual([{ ref: T, records: 3 }]);
        const commits = await streams.commits(group, [T]);
        expect(commits.reduce((sum, commit) => sum + Number(commit.offset), 0)).toBe(10);
        expect(commits[0]).toMatchObject({ ref: T, metadata: '' });
      });

      it('lets a group go back and ahead, where it is told to, and only while nobody reads', async () => {
        await streams.ensureTopic(T, { partitions: 2 });
        await streams.produce(
          T,
          numbered(12, (index) => `k${index}`),
        );
        const first = await collect();
        await eventually(() => expect(first.received).toHaveLength(12));
        const refused = streams.seek(group, [{ ref: T, partition: 0, offset: '0' }]);
        await expect(refused).rejects.toMatchObject({ code: 'CONFLICT' });
        await first.subscription.stop();
        const of = (partition: number) => values(first.received.filter((record) => record.partition === partition));
        await streams.seek(group, [{ ref: T, partition: 0, offset: '0' }]);
        expect(await streams.lag(group, [T])).toEqual([{ ref: T, records: of(0).length }]);
        await streams.seek(group, [
          { ref: T, partition: 0, offset: '1' },
          { ref: T, partition: 1, offset: String(of(1).length - 1) },
        ]);
        const again = await collect();
        await eventually(() => expect(again.received).toHaveLength(of(0).length));
        expect(values(again.received).toSorted()).toEqual([...of(0).slice(1), of(1).at(-1)].toSorted());
        await again.subscription.stop();
        // A group that never read begins there as well.
        await streams.seek(`${group}-2`, [{ ref: T, partition: 0, offset: String(of(0).length) }]);
        const other = await collect({ group: `${group}-2` });
        await eventually(() => expect(other.received).toHaveLength(of(1).length));
        expect(values(other.received)).toEqual(of(1));
        await streams.seek(group, []);
      });

      it('gives the last records, newest last', async () => {
        await streams.ensureTopic(T);
        await streams.produce(T, numbered(20));
        expect(values(await streams.tail(T, 3))).toEqual(['v17', 'v18', 'v19']);
        expect(values(await streams.tail(T, 100))).toHaveLength(20);
        expect(await streams.tail(T, 0)).toEqual([]);
      });

      it('gives the last records over all partitions', async () => {
        await streams.ensureTopic(T, { partitions: 3 });
        for (let index = 0; index < 9; index++) {
          await streams.produce(T, [{ key: `k${index}`, value: `v${index}` }]);
          // Their order over partitions is that of their times, which are milliseconds.
          await new Promise((resolve) => setTimeout(resolve, 3));
        }
        expect(values(await streams.tail(T, 4))).toEqual(['v5', 'v6', 'v7', 'v8']);
      });
    });
  });
}
