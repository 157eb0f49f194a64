import { FieldlineError } from '@/lib/errors';
import type { JsonFeedDefinition } from './definition';
import { badEntry, goodEntry, nameOf } from './entries';
import { describeIssues } from './issues';
import { itemOfJson, JsonFeedFrameSchema, JsonItemSchema } from './json-form';
import type { FeedSource } from './source';
import { type DownloadPolicy, type Feed, type FeedEntry, ITEMS_PER_POLL_MAX } from './types';

/** A feed in the documented JSON form. */
export function createJsonFeed(definition: JsonFeedDefinition, downloads: DownloadPolicy, source: FeedSource): Feed {
  return {
    definition,
    downloads,
    async *poll(signal) {
      const document = await source.read(signal);
      if (document === null) return;
      const frame = JsonFeedFrameSchema.safeParse(document.json);
      if (!frame.success)
        throw new FieldlineError(
          'FEED_INVALID',
          `Feed ${definition.id} has not the documented form: ${describeIssues(frame.error)}`,
        );
      const first = Math.max(0, frame.data.items.length - ITEMS_PER_POLL_MAX);
      for (const [index, raw] of frame.data.items.entries()) {
        signal.throwIfAborted();
        if (index >= first) yield entryOf(definition.id, index, raw, document.base);
      }
      source.done();
    },
  };
}

function entryOf(feedId: string, index: number, raw: unknown, base: string): FeedEntry {
  const name = nameOf(raw, index);
  const item = JsonItemSchema.safeParse(raw);
  if (!item.success) return badEntry(feedId, name, describeIssues(item.error, 'the item'));
  return goodEntry(feedId, name, itemOfJson(item.data, base));
}
