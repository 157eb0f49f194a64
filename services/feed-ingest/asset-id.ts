import { createHash } from 'node:crypto';

/** Enough of the digest that two items of one feed never meet (80 bits), short enough for a URL. */
const DIGEST_CHARACTERS = 20;

/** The id of a feed's item: the same item with the same content has the same id for ever, so that it is ingested once. */
export function assetIdOf(feedId: string, item: { sourceId: string; contentKey: string }): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([item.sourceId, item.contentKey]))
    .digest('hex');
  return `${feedId}-${digest.slice(0, DIGEST_CHARACTERS)}`;
}
