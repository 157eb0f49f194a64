/**
 * The message catalogue: one schema per message, parsed on produce and on consume.
 * Keys: the asset id for asset messages, so that one asset's messages stay in order.
 */
import { z } from 'zod';
import { FieldlineError } from '@/lib/errors';
import { AssetDescriptionSchema, AssetFileSchema, AssetIdSchema } from './asset';
import { SITE_ID_PATTERN } from './naming';

const at = z.iso.datetime();
const edge = z.string().regex(SITE_ID_PATTERN);
const requestId = z.string().min(8).max(64);

export const AssetFeedMessage = z.object({
  type: z.literal('asset.feed'),
  at,
  asset: AssetDescriptionSchema,
  /** Where the file is; absent when the feed gave none (the asset then fails with that reason). */
  link: z.string().max(2048).optional(),
  /** Media type the feed promises, if any. */
  mediaType: z.string().max(127).optional(),
});

export const AssetDownloadedMessage = z.object({
  type: z.literal('asset.downloaded'),
  at,
  asset: AssetDescriptionSchema,
  file: AssetFileSchema,
});

export const AssetBroadcastMessage = z.object({
  type: z.literal('asset.broadcast'),
  at,
  asset: AssetDescriptionSchema,
  file: AssetFileSchema,
});

export const AssetRequestMessage = z.object({
  type: z.enum(['asset.request', 'asset.cancel']),
  at,
  requestId,
  edge,
  assetId: AssetIdSchema,
});

export const AssetResponseMessage = z.object({
  type: z.literal('asset.response'),
  at,
  requestId,
  edge,
  assetId: AssetIdSchema,
  outcome: z.enum(['staged', 'rejected', 'cancelled']),
  /** Why, when rejected: a sentence for the field team. */
  reason: z.string().max(500).optional(),
  file: AssetFileSchema.omit({ tinyPreview: true }).optional(),
});

export const AssetReceiptMessage = z.object({
  type: z.literal('asset.receipt'),
  at,
  requestId,
  edge,
  assetId: AssetIdSchema,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A message that could not be processed, as kept on the dead-letter topic; `value` is the original, byte for byte as text. */
export const DeadLetterMessage = z.object({
  type: z.literal('dead.letter'),
  at,
  service: z.string(),
  reason: z.string(),
  code: z.string(),
  source: z.object({
    stream: z.enum(['pipeline', 'replicated']),
    topic: z.string(),
    partition: z.number(),
    offset: z.string(),
  }),
  key: z.string(),
  value: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
});

export type AssetFeed = z.infer<typeof AssetFeedMessage>;
export type AssetDownloaded = z.infer<typeof AssetDownloadedMessage>;
export type AssetBroadcast = z.infer<typeof AssetBroadcastMessage>;
export type AssetRequest = z.infer<typeof AssetRequestMessage>;
export type AssetResponse = z.infer<typeof AssetResponseMessage>;
export type AssetReceipt = z.infer<typeof AssetReceiptMessage>;
export type DeadLetter = z.infer<typeof DeadLetterMessage>;

/** Serialises a message after checking it; a bug here is caught at the producer, not at an edge a day later. */
export function encodeMessage<S extends z.ZodType>(schema: S, message: z.input<S>): string {
  return JSON.stringify(schema.parse(message));
}

/** Parses a message. Fails with MESSAGE_INVALID, which sends it to the dead-letter topic. */
export function decodeMessage<S extends z.ZodType>(schema: S, value: string): z.output<S> {
  let json: unknown;
  try {
    json = JSON.parse(value);
  } catch (cause) {
    throw new FieldlineError('MESSAGE_INVALID', 'The message is not JSON', { cause });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new FieldlineError(
      'MESSAGE_INVALID',
      `The message does not fit its schema: ${z.prettifyError(parsed.error)}`,
    );
  return parsed.data;
}
