import { z } from 'zod';
import { type AssetDescription, AssetDescriptionSchema, AssetFileSchema, AssetIdSchema } from '@/lib/domain/asset';
import { HQ_STATUSES } from '@/lib/domain/status';
import { isoTime, rowBase } from './common';
import { searchText } from './search-text';

/** A row of HQ's table `assets`; `_id` is the asset id. */
export const HqAssetRow = z.object({
  _id: AssetIdSchema,
  ...rowBase,
  status: z.enum(HQ_STATUSES),
  asset: AssetDescriptionSchema,
  /** Where the feed says the file is; null when it said nothing. */
  link: z.string().nullable(),
  /** The media type the feed promised. */
  promisedMediaType: z.string().nullable(),
  /** Null until downloaded. */
  file: AssetFileSchema.nullable(),
  /** True when `previewPath(id)` is in volume `assets`. */
  hasPreview: z.boolean(),
  /** Downloads tried since the last order to try (ingest, or an operator's retry). */
  attempts: z.number().int().nonnegative(),
  /** Not to be tried before this; ms since the epoch, 0: at once. */
  nextAttemptAtMs: z.number().int().nonnegative(),
  /** Outbox: the message that must still be written for this row. Cleared once it is durable. */
  outbox: z.enum(['ASSET_FEED', 'ASSET_DOWNLOADED']).nullable(),
  /** Lower-case text for searching. */
  search: z.string(),
});
export type HqAssetRow = z.infer<typeof HqAssetRow>;

/** The preview image's path in volume `assets`. */
export const PREVIEW_FILE_NAME = 'preview.webp';
export const previewPath = (assetId: string) => `${assetId}/${PREVIEW_FILE_NAME}`;

/** The row of an asset that a feed has just named. */
export function announcedRow(
  asset: AssetDescription,
  source: { link?: string; mediaType?: string },
  nowMs: number,
  trace: string | null = null,
): HqAssetRow {
  const at = isoTime(nowMs);
  return {
    _id: asset.id,
    rev: 0,
    status: 'announced',
    reason: null,
    code: null,
    asset,
    link: source.link ?? null,
    promisedMediaType: source.mediaType ?? null,
    file: null,
    hasPreview: false,
    attempts: 0,
    nextAttemptAtMs: 0,
    outbox: 'ASSET_FEED',
    search: searchText(asset),
    trace,
    createdAt: at,
    updatedAt: at,
    timeline: [{ at, what: 'announced', by: 'feed-ingest', detail: `Feed ${asset.feed}` }],
  };
}
