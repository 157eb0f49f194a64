import { describe, expect, it } from 'vitest';
import type { PlaceId, StoredRecord, StreamCopy } from '@/lib/ports/stream-copy';
import { copyStreams, verifyStreams } from './copy-streams';

/** The streams of a mission in memory, by topic; a place that begins above 0 has lost records to retention. */
class MemoryCopy implements StreamCopy {
  readonly places_ = new Map<string, { place: PlaceId; low: number; records: StoredRecord[] }>();
  /** Records that may still be appended before it fails. */
  budget = Number.POSITIVE_INFINITY;
  appended = 0;

  topic(name: string, low = 0, values: string[] = []): this {
    const place = { ref: { stream: 'replicated' as const, topic: name }, partition: 0 };
    const records = values.map((value, index) => record(low + index, value));
    this.places_.set(name, { place, low, records });
    return this;
  }
  async places() {
    return [...this.places_.values()].map(({ place, low, records }) => ({
      ...place,
      low,
      high: records.at(-1) ? records.at(-1)!.offset + 1 : low,
    }));
  }
  async read(...[ranges, onRecords]: Parameters<StreamCopy['read']>) {
    for (const range of ranges) {
      const { place, records } = this.places_.get(range.ref.topic)!;
      const wanted = records.filter(({ offset }) => offset >= range.from && offset < range.until);
      // In small batches, as a broker gives them.
      for (let index = 0; index < wanted.length; index += 2) await onRecords(place, wanted.slice(index, index + 2));
    }
  }
  async append(place: PlaceId, records: readonly StoredRecord[]) {
    const held = this.places_.get(place.ref.topic)!;
    for (const one of records) {
      if (this.budget-- <= 0) throw new Error('the broker went away');
      expect(one.offset).toBe(held.records.at(-1) ? held.records.at(-1)!.offset + 1 : held.low);
      held.records.push({ ...one });
      this.appended += 1;
    }
  }
  async forgetBefore(place: PlaceId, offset: number) {
    const held = this.places_.get(place.ref.topic)!;
    held.low = offset;
    held.records = held.records.filter((one) => one.offset >= offset);
  }
  ensureTopic = async ({ topic }: PlaceId['ref']) => {
    if (!this.places_.has(topic)) this.topic(topic);
  };
  valuesOf = (name: string) =>
    this.places_.get(name)!.records.map(({ offset, value }) => `${offset}:${value?.toString()}`);
  async inventory() {
    return { topics: [...this.places_.keys()], groups: [] };
  }
  async remove() {
    this.places_.clear();
  }
  async close() {
    this.places_.clear();
  }
}

const record = (offset: number, value: string): StoredRecord => ({
  offset,
  key: Buffer.from(`k${offset}`),
  value: Buffer.from(value),
  headers: { h: 'x' },
  timestamp: 1_000 + offset,
});
const context = { tell: () => undefined, signal: new AbortController().signal };
const parties = (from: MemoryCopy, to: MemoryCopy) => ({ from, to, target: to });

describe('copying topics', () => {
  it('keeps offsets, also of a topic that has forgotten its first records', async () => {
    const from = new MemoryCopy().topic('A', 0, ['a', 'b', 'c']).topic('B', 7, ['h', 'i']).topic('C', 3).topic('D');
    const to = new MemoryCopy();
    const { places, outcome } = await copyStreams(parties(from, to), context);
    expect(outcome).toBe('done');
    expect(to.valuesOf('A')).toEqual(['0:a', '1:b', '2:c']);
    expect(to.valuesOf('B')).toEqual(['7:h', '8:i']);
    expect(await to.places()).toEqual(await from.places());
    expect(await verifyStreams({ from, to }, places, context.signal)).toBe(5);
  });

  it('goes on where it was cut, with nothing twice', async () => {
    const from = new MemoryCopy().topic('A', 2, ['c', 'd', 'e', 'f', 'g']);
    const to = new MemoryCopy();
    for (const budget of [1, 2, 2]) {
      to.budget = budget;
      await expect(copyStreams(parties(from, to), context)).rejects.toThrow('the broker went away');
    }
    to.budget = Number.POSITIVE_INFINITY;
    from.places_.get('A')!.records.push(record(7, 'h'));
    const { places } = await copyStreams(parties(from, to), context);
    expect(to.valuesOf('A')).toEqual(['2:c', '3:d', '4:e', '5:f', '6:g', '7:h']);
    await verifyStreams({ from, to }, places, context.signal);
    expect((await copyStreams(parties(from, to), context)).outcome).toBe('skipped');
  });

  it.each([
    ['longer', ['a', 'b', 'c']],
    ['other', ['x']],
  ])('refuses a topic that is %s there already', async (_name, values) => {
    const from = new MemoryCopy().topic('A', 0, ['a', 'b']);
    const to = new MemoryCopy().topic('A', 0, values);
    await expect(copyStreams(parties(from, to), context)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(to.appended).toBe(0);
  });

  it('tells when a copy is not the same', async () => {
    const from = new MemoryCopy().topic('A', 0, ['a', 'b']);
    const to = new MemoryCopy();
    const { places } = await copyStreams(parties(from, to), context);
    to.places_.get('A')!.records[0]!.value = Buffer.from('changed');
    await expect(verifyStreams({ from, to }, places, context.signal)).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    });
    to.places_.get('A')!.records.pop();
    await expect(verifyStreams({ from, to }, places, context.signal)).rejects.toThrow(/ends at 1 instead of 2/);
  });
});
