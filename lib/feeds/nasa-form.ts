/**
 * The search response of the NASA Image and Video Library: https://images.nasa.gov/docs/images.nasa.gov_api_docs.pdf
 * (`collection.items[].data[0]`, `links[]`, and `href` to a manifest that lists the asset's files).
 */
import { z } from 'zod';
import { DESCRIPTION_LENGTH_MAX, KEYWORDS_MAX, TITLE_LENGTH_MAX } from '@/lib/domain/asset';
import type { NasaFeedDefinition } from './definition';
import { CREDIT_LENGTH_MAX, distinctKeywords, LINK_LENGTH_MAX, mediaTypeOfName } from './json-form';
import { fitText, optionalText } from './text';
import { CONTENT_KEY_LENGTH_MAX, type FeedItem } from './types';

const text = z.string().nullish();
export const NasaItemSchema = z.object({
  /** Address of the manifest. */
  href: z.string().max(LINK_LENGTH_MAX).nullish(),
  data: z
    .array(
      z.object({
        nasa_id: z.string().min(1).max(256),
        title: text,
        description: text,
        description_508: text,
        keywords: z.array(z.string()).nullish(),
        date_created: text,
        media_type: z.enum(['image', 'video', 'audio']),
        center: text,
        photographer: text,
        secondary_creator: text,
      }),
    )
    .min(1),
  links: z
    .array(z.object({ href: z.string().max(LINK_LENGTH_MAX), rel: text, render: text }))
    .nullish()
    .transform((links) => links ?? []),
});
export type NasaItem = z.infer<typeof NasaItemSchema>;
export const NasaFrameSchema = z.object({ collection: z.object({ items: z.array(z.unknown()) }) });
/** Addresses of an asset's files. */
export const NasaManifestSchema = z.array(z.string()).max(1000);

export type Rendition = NasaFeedDefinition['rendition'];
type MediaKind = NasaItem['data'][number]['media_type'];

/** Renditions in the order of preference; file names end in `~large.jpg` and the like. */
const PREFERENCES: Record<Rendition, readonly string[]> = {
  small: ['small', 'mobile', 'medium', 'thumb', 'large', 'orig'],
  medium: ['medium', 'large', 'small', 'mobile', 'orig', 'thumb'],
  large: ['large', 'medium', 'orig', 'small', 'mobile', 'thumb'],
  orig: ['orig', 'large', 'medium', 'small', 'mobile', 'thumb'],
};
const AUDIO_PREFERENCE: readonly string[] = ['128k', 'orig', '64k', '192k', '320k'];
const SUFFIX = /~([a-z0-9]+)\.[a-z0-9]+$/i;

/**
 * The best file among addresses: of the item's own kind, and of the preferred rendition. Captions, posters and metadata are no candidates.
 * Undefined where none is of that kind.
 */
export function bestLink(addresses: readonly string[], kind: MediaKind, rendition: Rendition): string | undefined {
  const order = kind === 'audio' ? AUDIO_PREFERENCE : PREFERENCES[rendition];
  const rank = (address: string) => {
    const found = order.indexOf(SUFFIX.exec(withoutQuery(address))?.[1]?.toLowerCase() ?? '');
    return found === -1 ? order.length : found;
  };
  return addresses
    .filter((address) => mediaTypeOfName(address)?.startsWith(`${kind}/`))
    .sort((a, b) => rank(a) - rank(b))[0];
}

/**
 * The best file among an item's own links. Where no name tells the kind (the library's own names do), what the link says it renders as does.
 */
export function ownLink(item: NasaItem, kind: MediaKind, rendition: Rendition): string | undefined {
  const rendered = item.links.find((link) => link.render === kind && mediaTypeOfName(link.href) === undefined);
  return bestLink(addressesOf(item), kind, rendition) ?? rendered?.href;
}

/** True where the links hold more than a poster or thumbnail, so that the manifest need not be asked. */
export function linksSuffice(item: NasaItem, kind: MediaKind, rendition: Rendition): boolean {
  const best = bestLink(addressesOf(item), kind, rendition);
  return best !== undefined && !/~thumb\./i.test(best);
}

const addressesOf = (item: NasaItem): string[] =>
  item.links.filter((link) => link.rel !== 'captions').map((link) => link.href);

/** The item with the file chosen for it. */
export function itemOfNasa(item: NasaItem, link: string | undefined): FeedItem {
  const data = item.data[0]!;
  const kind = data.media_type === 'audio' ? 'other' : data.media_type;
  const description = optionalText(data.description ?? data.description_508, DESCRIPTION_LENGTH_MAX);
  const acquiredAt = isoTime(data.date_created);
  const mediaType = mediaTypeOfName(link);
  return {
    sourceId: data.nasa_id,
    title: optionalText(data.title, TITLE_LENGTH_MAX) ?? fitText(data.nasa_id, TITLE_LENGTH_MAX),
    ...(description === undefined ? {} : { description }),
    kind,
    keywords: keywordsOf(data.keywords ?? []),
    credit: creditOf(data),
    ...(acquiredAt === undefined ? {} : { acquiredAt }),
    ...(link === undefined ? {} : { link }),
    ...(mediaType === undefined ? {} : { mediaType }),
    contentKey: `${data.media_type}:${data.date_created ?? ''}`.slice(0, CONTENT_KEY_LENGTH_MAX),
  };
}

/** Some keyword entries hold several, separated by commas. */
function keywordsOf(entries: readonly string[]): string[] {
  return distinctKeywords(entries.flatMap((entry) => entry.split(/[,;]/))).slice(0, KEYWORDS_MAX);
}

function creditOf(data: NasaItem['data'][number]): string {
  const parts = ['NASA', data.center, data.photographer || data.secondary_creator];
  const named = parts.filter((part) => part && part.trim() !== '').map((part) => fitText(part!, CREDIT_LENGTH_MAX));
  return fitText([...new Set(named)].join(' / '), CREDIT_LENGTH_MAX);
}

function isoTime(value: string | null | undefined): string | undefined {
  const time = value ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

const withoutQuery = (address: string) => address.replace(/[?#].*$/, '');
