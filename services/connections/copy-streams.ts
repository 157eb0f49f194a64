import { createHash, type Hash } from 'node:crypto';
import { FieldlineError } from '@/lib/errors';
import type { GroupCommit, Streams, TopicRef } from '@/lib/ports';
import type { PlaceId, PlaceRange, StoredRecord, StreamCopy, StreamPlace } from '@/lib/ports/stream-copy';
import type { StepContext } from './job-board';

/** Stands in for records that the source no longer holds, so that those that follow have their offsets. Removed again at once. */
const FILLER_HEADER = 'fieldline-filler';
const FILLERS_AT_ONCE = 10_000;

export interface StreamParties {
  from: StreamCopy;
  to: StreamCopy;
  /** Makes topics as the site needs them. */
  target: Pick<Streams, 'ensureTopic'>;
}

const keyOf = ({ ref, partition }: PlaceId) => `${ref.stream}/${ref.topic}/${partition}`;

/**
 * Makes every topic of `to` hold what it holds in `from`, at the same offsets, and begin where it begins there: a replica at an edge goes on
 * as if nothing had happened (docs/adr/002). Continues where an earlier run ended, once the last record there has been found to be the
 * same. Fails with CONFLICT where other records are in the way. Resolves with the places as they were copied.
 */
export async function copyStreams({ from, to, target }: StreamParties, { tell, signal }: StepContext) {
  const source = await from.places();
  for (const [ref, partitions] of partitionsOf(source)) await target.ensureTopic(ref, { partitions });
  const there = await placesByKey(to);
  await assertSameEnds({ from, to }, source, there, signal);

  for (const place of source) {
    const { low = 0, high = 0 } = there.get(keyOf(place)) ?? {};
    await fill(to, place, high, signal);
    if (low < place.low) await to.forgetBefore(place, place.low);
  }
  const ranges = source.map(({ ref, partition, low, high }) => {
    return { ref, partition, from: Math.max(low, there.get(keyOf({ ref, partition }))?.high ?? 0), until: high };
  });
  const total = ranges.reduce((sum, range) => sum + Math.max(0, range.until - range.from), 0);
  let done = 0;
  await from.read(
    ranges,
    async (place, records) => {
      await to.append(place, records);
      done += records.length;
      tell(`${done} of ${total} records`);
    },
    signal,
  );
  tell(`${source.length} topics; ${total} records brought`);
  return { places: source, outcome: total === 0 ? ('skipped' as const) : ('done' as const) };
}

/** Up to where the source begins. */
async function fill(to: StreamCopy, place: StreamPlace, high: number, signal: AbortSignal): Promise<void> {
  for (let offset = high; offset < place.low; ) {
    signal.throwIfAborted();
    const count = Math.min(FILLERS_AT_ONCE, place.low - offset);
    const first = offset;
    const fillers = Array.from(
      { length: count },
      (_, index): StoredRecord => ({
        offset: first + index,
        key: null,
        value: null,
        headers: { [FILLER_HEADER]: '1' },
        timestamp: Date.now(),
      }),
    );
    await to.append(place, fillers);
    offset += count;
  }
}

/** What is there must be what an earlier run brought: its last record is that of the source. */
async function assertSameEnds(
  { from, to }: Pick<StreamParties, 'from' | 'to'>,
  source: readonly StreamPlace[],
  there: ReadonlyMap<string, StreamPlace>,
  signal: AbortSignal,
): Promise<void> {
  const lasts: PlaceRange[] = [];
  for (const place of source) {
    const high = there.get(keyOf(place))?.high ?? 0;
    if (high > place.high) throw inTheWay(place);
    // Behind the start of the source there are only fillers, and records that it has forgotten since.
    if (high > place.low && (there.get(keyOf(place))?.low ?? 0) < high)
      lasts.push({ ref: place.ref, partition: place.partition, from: high - 1, until: high });
  }
  const [ours, theirs] = [await digests(from, lasts, signal), await digests(to, lasts, signal)];
  const wrong = lasts.find((place) => ours.get(keyOf(place)) !== theirs.get(keyOf(place)));
  if (wrong) throw inTheWay(wrong);
}

const inTheWay = ({ ref }: { ref: TopicRef }) =>
  new FieldlineError('CONFLICT', `The topic ${ref.stream}/${ref.topic} holds other records there already`, {
    remedy: 'Remove what this mission has there, or give another mission its own name, and begin again',
  });

/** Fails with DIGEST_MISMATCH where a topic of `to` does not hold what it holds in `from`, at the same offsets. Resolves with the records. */
export async function verifyStreams(
  { from, to }: Pick<StreamParties, 'from' | 'to'>,
  places: readonly StreamPlace[],
  signal: AbortSignal,
): Promise<number> {
  const [now, there] = await Promise.all([placesByKey(from), placesByKey(to)]);
  const ranges = places.map((place): PlaceRange => {
    const copy = there.get(keyOf(place));
    if (copy?.high !== place.high)
      throw mismatch(place, `it ends at ${copy?.high ?? 'no offset'} instead of ${place.high}`);
    // Retention goes on, on both sides.
    const from = Math.max(place.low, copy.low, now.get(keyOf(place))?.low ?? 0);
    return { ref: place.ref, partition: place.partition, from, until: place.high };
  });
  const [ours, theirs] = await Promise.all([digests(from, ranges, signal), digests(to, ranges, signal)]);
  for (const place of places)
    if (ours.get(keyOf(place)) !== theirs.get(keyOf(place))) throw mismatch(place, 'its records differ');
  return ranges.reduce((sum, range) => sum + range.until - range.from, 0);
}

const placesByKey = async (copy: StreamCopy) => new Map((await copy.places()).map((place) => [keyOf(place), place]));

const mismatch = ({ ref }: StreamPlace, why: string) =>
  new FieldlineError('DIGEST_MISMATCH', `The topic ${ref.stream}/${ref.topic} is not the same: ${why}`);

async function digests(
  copy: StreamCopy,
  ranges: readonly PlaceRange[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const hashes = new Map<string, Hash>(ranges.map((range) => [keyOf(range), createHash('sha256')]));
  await copy.read(
    ranges,
    async (place, records) => {
      const hash = hashes.get(keyOf(place))!;
      for (const { offset, key, value, timestamp, headers } of records)
        hash.update(
          JSON.stringify([
            offset,
            text(key),
            text(value),
            timestamp,
            Object.entries(headers).map(([name, one]) => [name, String(one)]),
          ]),
        );
    },
    signal,
  );
  return new Map([...hashes].map(([key, hash]) => [key, hash.digest('hex')]));
}

const text = (bytes: Buffer | null) => bytes?.toString('base64') ?? null;

function partitionsOf(places: readonly StreamPlace[]): [TopicRef, number][] {
  const topics = new Map<string, [TopicRef, number]>();
  for (const { ref, partition } of places) {
    const key = `${ref.stream}/${ref.topic}`;
    topics.set(key, [ref, Math.max(partition + 1, topics.get(key)?.[1] ?? 0)]);
  }
  return [...topics.values()];
}

/** Lets a group go on where it was. Nothing it had not committed is lost; what it had is not done again. */
export async function copyGroup(from: Streams, to: Streams, group: string, places: readonly StreamPlace[]) {
  const commits = await from.commits(
    group,
    places.map(({ ref }) => ref),
  );
  const known: GroupCommit[] = commits.flatMap((commit) => {
    const place = places.find((one) => keyOf(one) === keyOf(commit));
    return place ? [{ ...commit, offset: String(Math.min(Number(commit.offset), place.high)) }] : [];
  });
  await to.seek(group, known);
  return known.length;
}
