/** The schema of a feed definition: what a file in `feeds/` holds (docs/feeds.md). */
import { z } from 'zod';
import { SITE_ID_PATTERN } from '@/lib/domain/naming';

/** Polling faster than this would be rude to a source; slower than a day, a person could start it by hand. */
export const INTERVAL_SECONDS_MIN = 2;
export const INTERVAL_SECONDS_MAX = 24 * 60 * 60;
const INTERVAL_SECONDS_DEFAULT = 60;
/** A feed brings no more assets than this in all unless its definition says so: a disk is finite, and nobody watches at night. */
const ITEMS_MAX_DEFAULT = 10_000;
const ITEMS_MAX_LIMIT = 1_000_000;
/** Scheme of what this installation's own app serves, e.g. `app:/sample/feed.json`. */
export const APP_SCHEME = 'app:';

const HOST_PATTERN = /^(\[[0-9a-fA-F:.]+\]|[^\s:/@]+)(:\d{1,5})?$/;

const base = {
  /** Becomes part of asset ids. */
  id: z.string().regex(SITE_ID_PATTERN, 'must be a lower-case letter, then letters, digits, dashes; at most 31'),
  /** What people read; the id when absent. */
  title: z.string().min(1).max(80).optional(),
  enabled: z.boolean().default(true),
  /** Seconds between the end of one poll and the next. */
  intervalSeconds: z.number().min(INTERVAL_SECONDS_MIN).max(INTERVAL_SECONDS_MAX).default(INTERVAL_SECONDS_DEFAULT),
  /** Assets that this feed may bring in all, over the life of the mission; feed-ingest counts. */
  itemsMax: z.number().int().min(1).max(ITEMS_MAX_LIMIT).default(ITEMS_MAX_DEFAULT),
  /** Private or loopback hosts that this feed's links may use, as `host` or `host:port`. The host and port of `url` itself need not be listed. */
  allowPrivateHosts: z.array(z.string().regex(HOST_PATTERN, 'must be host or host:port')).max(100).default([]),
};

const source = {
  /** Where the feed is, http(s), or `app:/...` for what this installation serves itself. */
  url: z.string().max(2048).refine(isFeedUrl, 'must be an http(s) address without a user name, or app:/...').optional(),
  /** A file instead of `url`; relative to the definition's folder. */
  file: z.string().min(1).max(4096).optional(),
};
const oneSource = (feed: { url?: string | undefined; file?: string | undefined }) =>
  (feed.url === undefined) !== (feed.file === undefined);
const ONE_SOURCE = { error: 'give either `url` or `file`, and not both' };

export const JsonFeedDefinitionSchema = z
  .strictObject({ ...base, kind: z.literal('json'), ...source })
  .refine(oneSource, ONE_SOURCE);
export const NasaFeedDefinitionSchema = z
  .strictObject({
    ...base,
    kind: z.literal('nasa-images'),
    ...source,
    /** Which rendition of an image or video to bring: `large` is fit for a thin link, `orig` may be hundreds of megabytes. */
    rendition: z.enum(['small', 'medium', 'large', 'orig']).default('large'),
  })
  .refine(oneSource, ONE_SOURCE);
export const FolderFeedDefinitionSchema = z.strictObject({
  ...base,
  kind: z.literal('folder'),
  /** The watched folder; relative to the definition's folder. */
  path: z.string().min(1).max(4096),
  /** Also what lies in folders below it. */
  recursive: z.boolean().default(false),
});

export const FeedDefinitionSchema = z.discriminatedUnion(
  'kind',
  [JsonFeedDefinitionSchema, NasaFeedDefinitionSchema, FolderFeedDefinitionSchema],
  { error: 'must be one of "json", "nasa-images", "folder"' },
);

export type JsonFeedDefinition = z.infer<typeof JsonFeedDefinitionSchema>;
export type NasaFeedDefinition = z.infer<typeof NasaFeedDefinitionSchema>;
export type FolderFeedDefinition = z.infer<typeof FolderFeedDefinitionSchema>;
export type FeedDefinition = z.infer<typeof FeedDefinitionSchema>;

function isFeedUrl(text: string): boolean {
  if (text.startsWith(`${APP_SCHEME}/`)) return !text.startsWith(`${APP_SCHEME}//`);
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '';
}
