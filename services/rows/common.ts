import { z } from 'zod';
import type { TimelineEntry } from '@/lib/domain/asset';
import type { OjaiValue } from '@/lib/ojai/types';
import type { BulkUpdate, JsonDocument } from '@/lib/ports';

/** Lines of history kept in a row; the oldest go first. Retries by hand are what makes a history long. */
export const TIMELINE_ENTRIES_MAX = 60;

/** Fields that every row has. `rev` grows by one with every change, so that a change can be refused when the row moved meanwhile. */
export const rowBase = {
  rev: z.number().int().nonnegative(),
  /** Why it failed, as a sentence for people; null otherwise. */
  reason: z.string().nullable(),
  /** The error code behind `reason`. */
  code: z.string().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** `traceparent` of the step that last moved the row: the next one is its child (docs/adr/012). Null in rows from before there were traces. */
  trace: z.string().nullable().default(null),
  timeline: z
    .array(z.object({ at: z.iso.datetime(), what: z.string(), by: z.string(), detail: z.string().optional() }))
    .default([]),
} as const;

/** ISO 8601 UTC of milliseconds since the epoch. */
export const isoTime = (ms: number) => new Date(ms).toISOString();

/**
 * A row as the tables port takes it. Only the type changes: a driver writes JSON, which leaves out fields that are undefined. (A copy
 * through JSON here was a tenth of the listener's time.)
 */
export const toDocument = (row: { _id: string }): JsonDocument => row as unknown as JsonDocument;

/** The history with one more line, bounded. */
export function withEntry(timeline: readonly TimelineEntry[], entry: TimelineEntry): TimelineEntry[] {
  return [...timeline, entry].slice(-TIMELINE_ENTRIES_MAX);
}

/**
 * The update that turns `row` into `{...row, ...patch}`, refused (`unmatched`) when somebody else changed the row since it was read.
 * `$put`, not `$set`: a field may go from null to an object, which `$set` refuses (datafabric-api A.5).
 */
export function changeOf<R extends { _id: string; rev: number }>(row: R, patch: Partial<Omit<R, '_id' | 'rev'>>) {
  const fields = JSON.parse(JSON.stringify({ ...patch, rev: row.rev + 1 })) as Record<string, OjaiValue>;
  return { id: row._id, mutation: { $put: fields }, condition: { $eq: { rev: row.rev } } } satisfies BulkUpdate;
}
