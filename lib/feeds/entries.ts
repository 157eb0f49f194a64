import { FieldlineError } from '@/lib/errors';
import { LINK_LENGTH_MAX } from './json-form';
import type { FeedEntry, FeedItem } from './types';

/** An entry for what is wrong with a single item. */
export const badEntry = (feedId: string, item: string, reason: string): FeedEntry => ({
  ok: false,
  error: new FieldlineError('FEED_INVALID', `Feed ${feedId}, ${item}: ${reason}`),
});

/** An entry for an item whose link still fits its message once it was made absolute. */
export function goodEntry(feedId: string, name: string, item: FeedItem): FeedEntry {
  if ((item.link?.length ?? 0) > LINK_LENGTH_MAX)
    return badEntry(feedId, name, `link: longer than ${LINK_LENGTH_MAX} characters`);
  return { ok: true, item };
}

/** `item 3 ("abc")`, counted as people do. */
export function nameOf(raw: unknown, index: number, idField = 'id'): string {
  const id = (raw as Record<string, unknown> | null)?.[idField];
  return `item ${index + 1}${typeof id === 'string' ? ` ("${id.slice(0, 80)}")` : ''}`;
}
