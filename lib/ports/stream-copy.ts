/**
 * Taking all streams of a mission over to another fabric, record by record at the same offsets: for whom moves a site.
 *
 * Not in it: what a record means; serving records to services (the streams port).
 */
import type { TopicRef } from './streams';

/** A partition with what it holds: the records from `low` to before `high`. */
export interface StreamPlace {
  ref: TopicRef;
  partition: number;
  low: number;
  high: number;
}

/** A record as it is stored, tombstones and bytes that are no text included. */
export interface StoredRecord {
  offset: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
  /** Milliseconds since the epoch. */
  timestamp: number;
}

export type PlaceId = Pick<StreamPlace, 'ref' | 'partition'>;
export interface PlaceRange extends PlaceId {
  from: number;
  /** Not included. */
  until: number;
}

export interface StreamCopy {
  /** Every partition of every topic of the mission. */
  places(): Promise<StreamPlace[]>;
  /** Calls back with the records of each range, in order, the next when the last call has resolved. Fails with TIMEOUT when none come. */
  read(
    ranges: readonly PlaceRange[],
    onRecords: (place: PlaceId, records: StoredRecord[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Appends records, whose offsets follow on the end of the place; durable when it resolves. Fails with CONFLICT when they came to lie elsewhere. */
  append(place: PlaceId, records: readonly StoredRecord[]): Promise<void>;
  /** Lets the place begin at `offset`. */
  forgetBefore(place: PlaceId, offset: number): Promise<void>;
  /** The mission's topics and consumer groups by their names on the fabric. */
  inventory(): Promise<{ topics: string[]; groups: string[] }>;
  /** Removes them, by those names. Idempotent. */
  remove(found: { topics: readonly string[]; groups: readonly string[] }): Promise<void>;
  close(): Promise<void>;
}
