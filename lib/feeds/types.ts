/**
 * Feeds: configured sources of assets.
 *
 * Not in it: what was ingested before (feed-ingest knows, by asset id), the files themselves (lib/download).
 */
import type { AssetDescription } from '@/lib/domain/asset';
import type { FieldlineError } from '@/lib/errors';
import type { FeedDefinition } from './definition';

export type { FeedDefinition } from './definition';

/** One asset as a feed tells of it; the same limits as AssetDescription, so that an item always fits its message. */
export interface FeedItem extends Omit<AssetDescription, 'id' | 'feed'> {
  /** Where the file is: absolute, http(s) or `file:`. Absent when the feed gave none; the asset then fails with ASSET_NO_LINK. */
  link?: string;
  /** Media type the feed promises. */
  mediaType?: string;
  /** Identity of the content within the source id: the same key means the same bytes, a new key a new asset. At most CONTENT_KEY_LENGTH_MAX. */
  contentKey: string;
}

/** A poll yields what it can: a bad single item is an entry that says so, and the others still come. */
export type FeedEntry =
  | { ok: true; item: FeedItem }
  | {
      ok: false;
      /** FEED_INVALID, naming the feed, the item and the field; or FEED_UNAVAILABLE, where a part of the item could not be read now. */
      error: FieldlineError;
    };

/** What the downloader may fetch on behalf of a feed's items, beyond public addresses. */
export interface DownloadPolicy {
  /** Hosts of private or loopback addresses, as `host` or `host:port`. */
  readonly allowPrivateHosts: readonly string[];
  /** `file:` links are served from below these directories only; absolute paths. */
  readonly allowedFolders: readonly string[];
}

export interface Feed {
  readonly definition: FeedDefinition;
  /** For lib/download: what the definition, its own address and the installation allow, together. */
  readonly downloads: DownloadPolicy;
  /**
   * Reads the source once and yields its entries, in the source's order; ends without an entry while the source says that nothing changed since
   * the last poll that was read to its end (believed for some minutes only, then everything comes again). At most ITEMS_PER_POLL_MAX entries.
   * Throws FEED_UNAVAILABLE when the source can not be read, FEED_INVALID when it is not what its kind says, the signal's reason when aborted.
   */
  poll(signal: AbortSignal): AsyncIterable<FeedEntry>;
}

/** What the loader needs to know of the installation. */
export interface FeedContext {
  /** Base of `app:` addresses, e.g. `http://127.0.0.1:3000`. Null: this installation serves no sample; feeds with `app:` are skipped. */
  readonly appBaseUrl: string | null;
  /** Hosts of private addresses that any feed may use; from the configuration. */
  readonly allowPrivateHosts: readonly string[];
}

export interface LoadedFeeds {
  /** Ready to poll, in the order of the files. */
  readonly feeds: readonly Feed[];
  /** Well-formed, but not polled: switched off, or of the sample where there is none. A sentence says which. */
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  /** One FEED_INVALID for each file or entry that is wrong; it names file, entry and field. */
  readonly problems: readonly FieldlineError[];
}

/** Entries that one poll yields at most; of a longer feed the last ones, of a folder those that changed last. */
export const ITEMS_PER_POLL_MAX = 10_000;
export const CONTENT_KEY_LENGTH_MAX = 512;
