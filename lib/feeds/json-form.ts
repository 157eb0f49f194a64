/** The documented JSON form of a feed (docs/feeds.md; docs/feed.schema.json is generated from here). */
import { z } from 'zod';
import { ASSET_KINDS, DESCRIPTION_LENGTH_MAX, KEYWORDS_MAX, TITLE_LENGTH_MAX } from '@/lib/domain/asset';
import { mediaTypeOf } from '@/lib/download/extensions';
import { fitText, optionalText } from './text';
import { CONTENT_KEY_LENGTH_MAX, type FeedItem } from './types';

export const KEYWORD_LENGTH_MAX = 64;
export const CREDIT_LENGTH_MAX = 200;
export const LINK_LENGTH_MAX = 2048;
/** Texts may be this much longer than what is kept; they are cut with an ellipsis. More is taken for a mistake. */
const TEXT_LENGTH_ACCEPTED = 20_000;

/** What an item may tell of its file, whatever brings it: also the form of a watched folder's side files. */
export const ItemFactsSchema = z.object({
  title: z
    .string()
    .min(1)
    .max(TEXT_LENGTH_ACCEPTED)
    .describe(`What people read; cut after ${TITLE_LENGTH_MAX} characters`),
  description: z
    .string()
    .max(TEXT_LENGTH_ACCEPTED)
    .optional()
    .describe(`Cut after ${DESCRIPTION_LENGTH_MAX} characters`),
  kind: z.enum(ASSET_KINDS).optional().describe('What the file is; told from mediaType or the link when absent'),
  keywords: z
    .array(z.string().min(1).max(KEYWORD_LENGTH_MAX))
    .max(KEYWORDS_MAX)
    .optional()
    .describe('Found by search on every page'),
  credit: z.string().max(TEXT_LENGTH_ACCEPTED).optional().describe('Whom to name when showing it'),
  acquiredAt: z.iso.datetime({ offset: true }).optional().describe('When it was taken, ISO 8601'),
  place: z
    .object({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) })
    .optional()
    .describe('Centre of what it shows, degrees WGS 84'),
});
export type ItemFacts = z.infer<typeof ItemFactsSchema>;

export const JsonItemSchema = ItemFactsSchema.extend({
  id: z.string().min(1).max(256).describe('Identifies the item within the feed, for ever'),
  version: z
    .string()
    .min(1)
    .max(CONTENT_KEY_LENGTH_MAX)
    .optional()
    .describe('Identifies the content: a new version of the same id is a new asset. The link when absent'),
  link: z
    .string()
    .min(1)
    .max(LINK_LENGTH_MAX)
    .optional()
    .describe('The file, http(s); relative to the address of the feed'),
  mediaType: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+$/, 'must be type/subtype')
    .max(127)
    .optional()
    .describe('What the link promises, e.g. image/jpeg'),
}).describe('One asset');

export const JsonFeedSchema = z
  .object({
    title: z.string().optional(),
    items: z.array(JsonItemSchema).describe('Oldest first'),
  })
  .describe('A feed of assets for Fieldline');
export type JsonFeedDocument = z.input<typeof JsonFeedSchema>;

/** Only the frame, so that one bad item does not take the others with it. */
export const JsonFeedFrameSchema = z.object({ items: z.array(z.unknown()) });

/** An item as its feed's address `base` makes it. */
export function itemOfJson(raw: z.infer<typeof JsonItemSchema>, base: string): FeedItem {
  const link = raw.link !== undefined && URL.canParse(raw.link, base) ? new URL(raw.link, base).href : raw.link;
  return {
    sourceId: raw.id,
    ...describeFacts(raw, raw.mediaType ?? mediaTypeOfName(raw.link)),
    ...(link === undefined ? {} : { link }),
    ...(raw.mediaType === undefined ? {} : { mediaType: raw.mediaType.toLowerCase() }),
    contentKey: raw.version ?? `link:${(link ?? '').slice(-(CONTENT_KEY_LENGTH_MAX - 5))}`,
  };
}

/** Facts within the limits of a description. */
export function describeFacts(
  facts: ItemFacts,
  mediaType: string | undefined,
): Omit<FeedItem, 'sourceId' | 'contentKey'> {
  const description = optionalText(facts.description, DESCRIPTION_LENGTH_MAX);
  const credit = optionalText(facts.credit, CREDIT_LENGTH_MAX);
  return {
    title: fitText(facts.title, TITLE_LENGTH_MAX) || 'Untitled',
    ...(description === undefined ? {} : { description }),
    kind: facts.kind ?? kindOf(mediaType),
    keywords: distinctKeywords(facts.keywords ?? []),
    ...(credit === undefined ? {} : { credit }),
    ...(facts.acquiredAt === undefined ? {} : { acquiredAt: new Date(facts.acquiredAt).toISOString() }),
    ...(facts.place === undefined ? {} : { place: facts.place }),
  };
}

/** Those that say something, each once and in their order. */
export function distinctKeywords(words: readonly string[]): string[] {
  return [...new Set(words.map((word) => fitText(word, KEYWORD_LENGTH_MAX)).filter((word) => word !== ''))];
}

/** The media type that a file's name or link tells by its extension. */
export function mediaTypeOfName(name: string | undefined): string | undefined {
  const extension = /\.([A-Za-z0-9]{1,10})(?:[?#].*)?$/.exec(name ?? '')?.[1];
  return extension === undefined ? undefined : mediaTypeOf(extension);
}

export function kindOf(mediaType: string | undefined): FeedItem['kind'] {
  if (mediaType?.startsWith('image/')) return 'image';
  if (mediaType?.startsWith('video/')) return 'video';
  if (mediaType?.startsWith('text/') || mediaType === 'application/pdf' || mediaType?.includes('officedocument'))
    return 'document';
  return 'other';
}
