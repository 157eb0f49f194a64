import { z } from 'zod';

export const ASSET_KINDS = ['image', 'video', 'document', 'other'] as const;

/** Limits on a description: it is broadcast to every edge over thin links. */
export const TITLE_LENGTH_MAX = 200;
export const DESCRIPTION_LENGTH_MAX = 2000;
export const KEYWORDS_MAX = 20;
/** A tiny preview rides along in the broadcast, as a data URL. */
export const TINY_PREVIEW_BYTES_MAX = 4096;

export const AssetIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,127}$/, 'lower-case letters, digits, dots, dashes and underscores, at most 128')
  .describe('Stable id: the feed, and a digest of source id and content');

/** What an asset is, apart from its file: as the feed gave it. Travels unchanged from feed to field. */
export const AssetDescriptionSchema = z.object({
  id: AssetIdSchema,
  feed: z.string().min(1).max(64),
  sourceId: z.string().min(1).max(256),
  title: z.string().min(1).max(TITLE_LENGTH_MAX),
  description: z.string().max(DESCRIPTION_LENGTH_MAX).optional(),
  kind: z.enum(ASSET_KINDS),
  keywords: z.array(z.string().max(64)).max(KEYWORDS_MAX).default([]),
  credit: z.string().max(200).optional(),
  acquiredAt: z.iso.datetime().optional(),
  /** Centre of the scene, degrees WGS 84. */
  place: z.object({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) }).optional(),
});
export type AssetDescription = z.infer<typeof AssetDescriptionSchema>;

/** The file of an asset, once HQ has it. */
export const AssetFileSchema = z.object({
  fileName: z.string().min(1).max(200),
  mediaType: z.string().min(3).max(127),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  width: z.number().int().positive().optional(),
  height: z.number().int().positive().optional(),
  /** `data:image/webp;base64,...` of at most TINY_PREVIEW_BYTES_MAX bytes. */
  tinyPreview: z
    .string()
    .max(Math.ceil((TINY_PREVIEW_BYTES_MAX * 4) / 3) + 64)
    .optional(),
});
export type AssetFile = z.infer<typeof AssetFileSchema>;

/** One line of an asset's history at one site. */
export const TimelineEntrySchema = z.object({
  at: z.iso.datetime(),
  /** A status word, or a short event name. */
  what: z.string(),
  /** The service or person that did it. */
  by: z.string(),
  detail: z.string().optional(),
});
export type TimelineEntry = z.infer<typeof TimelineEntrySchema>;

/** The path of an asset's file inside the volumes `assets`, `outbound-<edge>` and `inbound`: the same everywhere. */
export const assetPath = (id: string, fileName: string) => `${id}/${fileName}`;
