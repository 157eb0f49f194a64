import { z } from 'zod';
import {
  type AssetDescription,
  AssetDescriptionSchema,
  type AssetFile,
  AssetFileSchema,
  AssetIdSchema,
} from '@/lib/domain/asset';
import { CANCELLABLE, EDGE_STATUSES, REQUESTABLE } from '@/lib/domain/status';
import { FieldlineError } from '@/lib/errors';
import { changeOf, isoTime, rowBase, withEntry } from './common';
import { searchText } from './search-text';

/** A row of an edge's table `assets`; `_id` is the asset id. */
export const EdgeAssetRow = z.object({
  _id: AssetIdSchema,
  ...rowBase,
  status: z.enum(EDGE_STATUSES),
  asset: AssetDescriptionSchema,
  file: AssetFileSchema.nullable(),
  /** False while only a response is known of it: the description comes with the broadcast. */
  described: z.boolean(),
  /** The current (or last) request of this asset. */
  requestId: z.string().nullable(),
  requestedAt: z.iso.datetime().nullable(),
  /** When the request was last written to the stream, ms since the epoch; 0: never. */
  lastSentAtMs: z.number().int().nonnegative(),
  /** When HQ had staged it, ms since the epoch; 0: not yet. */
  readyAtMs: z.number().int().nonnegative(),
  /** Outbox: requests withdrawn here whose cancel message must still be written. */
  pendingCancels: z.array(z.string()).default([]),
  /** True while `pendingCancels` is not empty; a plain field, so that the driver can index it. */
  cancelDue: z.boolean(),
  /** Outbox: delivered, and the receipt must still be written. */
  receiptDue: z.boolean(),
  /** Lower-case text for searching. */
  search: z.string(),
});
export type EdgeAssetRow = z.infer<typeof EdgeAssetRow>;

/** The row of an asset that HQ has broadcast and nobody here asked for. */
export function availableRow(
  asset: AssetDescription,
  file: AssetFile,
  nowMs: number,
  trace: string | null = null,
): EdgeAssetRow {
  const at = isoTime(nowMs);
  return {
    _id: asset.id,
    rev: 0,
    status: 'available',
    reason: null,
    code: null,
    asset,
    file,
    described: true,
    requestId: null,
    requestedAt: null,
    lastSentAtMs: 0,
    readyAtMs: 0,
    pendingCancels: [],
    cancelDue: false,
    receiptDue: false,
    search: searchText(asset),
    trace,
    createdAt: at,
    updatedAt: at,
    timeline: [{ at, what: 'available', by: 'listener' }],
  };
}

/**
 * The change by which the field team asks for an asset; the requester does the rest (wake it).
 * Fails with CONFLICT when the row is not in a requestable state. A request id is a new UUIDv7 every time.
 */
export function requestChange(
  row: EdgeAssetRow,
  options: { requestId: string; by: string; nowMs: number; trace: string },
) {
  if (!REQUESTABLE.includes(row.status))
    throw new FieldlineError('CONFLICT', `"${row.asset.title}" is ${row.status}; it can not be requested now`);
  const at = isoTime(options.nowMs);
  return changeOf<EdgeAssetRow>(row, {
    status: 'requesting',
    reason: null,
    code: null,
    requestId: options.requestId,
    requestedAt: at,
    lastSentAtMs: 0,
    readyAtMs: 0,
    trace: options.trace,
    updatedAt: at,
    timeline: withEntry(row.timeline, { at, what: 'requesting', by: options.by }),
  });
}

/**
 * The change by which the field team withdraws its request; the requester tells HQ (wake it). The cancel message is written even when
 * the request seems not to have been: a crash may have come between the request message and the row.
 * Fails with CONFLICT when there is nothing to withdraw.
 */
export function cancelChange(row: EdgeAssetRow, options: { by: string; nowMs: number }) {
  if (!CANCELLABLE.includes(row.status) || row.requestId === null)
    throw new FieldlineError('CONFLICT', `"${row.asset.title}" is ${row.status}; there is no request to cancel`);
  const at = isoTime(options.nowMs);
  return changeOf<EdgeAssetRow>(row, {
    status: 'cancelled',
    reason: null,
    code: null,
    updatedAt: at,
    pendingCancels: [...row.pendingCancels.filter((id) => id !== row.requestId), row.requestId],
    cancelDue: true,
    timeline: withEntry(row.timeline, { at, what: 'cancelled', by: options.by }),
  });
}
