import { z } from 'zod';
import { AssetIdSchema } from '@/lib/domain/asset';
import { SITE_ID_PATTERN } from '@/lib/domain/naming';
import { REQUEST_STATUSES } from '@/lib/domain/status';
import { rowBase } from './common';

/** A row of HQ's table `requests`: what an edge asked for; `_id` is the request id. */
export const HqRequestRow = z.object({
  _id: z.string(),
  ...rowBase,
  status: z.enum(REQUEST_STATUSES),
  edge: z.string().regex(SITE_ID_PATTERN),
  assetId: AssetIdSchema,
  /** Of the asset, when HQ knew it. */
  title: z.string().nullable(),
  bytes: z.number().int().nonnegative().nullable(),
});
export type HqRequestRow = z.infer<typeof HqRequestRow>;
