import { readDocument } from '@/lib/download/read-document';
import { errorMessage, FieldlineError, isFieldlineError } from '@/lib/errors';
import type { NasaFeedDefinition } from './definition';
import { badEntry, goodEntry, nameOf } from './entries';
import { describeIssues } from './issues';
import {
  bestLink,
  itemOfNasa,
  linksSuffice,
  NasaFrameSchema,
  type NasaItem,
  NasaItemSchema,
  NasaManifestSchema,
  ownLink,
} from './nasa-form';
import type { FeedSource } from './source';
import { type DownloadPolicy, type Feed, type FeedEntry, ITEMS_PER_POLL_MAX } from './types';

const MANIFEST_BYTES_MAX = 1024 * 1024;
const MANIFEST_IDLE_MS_MAX = 10_000;
const MANIFEST_TOTAL_MS_MAX = 20_000;
const MANIFEST_REDIRECTS_MAX = 5;
/** Manifests whose answer is remembered, so that a poll does not ask for each again. */
const MANIFESTS_HELD_MAX = 2000;
/** An item that has a file of its own waits for its list of files so many polls. */
const MANIFEST_TRIES_MAX = 3;

/** A search of the NASA Image and Video Library: one response, from its address or a file. */
export function createNasaFeed(definition: NasaFeedDefinition, downloads: DownloadPolicy, source: FeedSource): Feed {
  /** By manifest address; null: it lists no file of that kind. */
  const resolved = new Map<string, string | null>();
  /** How often manifests could not be read. */
  const failures = new Map<string, number>();

  async function entryOf(index: number, raw: unknown, base: string, signal: AbortSignal): Promise<FeedEntry> {
    const name = nameOf((raw as { data?: unknown[] } | null)?.data?.[0], index, 'nasa_id');
    const item = NasaItemSchema.safeParse(raw);
    if (!item.success) return badEntry(definition.id, name, describeIssues(item.error, 'the item'));
    try {
      return goodEntry(definition.id, name, itemOfNasa(item.data, await linkOf(item.data, base, signal)));
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      // It may be there at the next poll; an item without a link would have failed for good.
      const message = `Feed ${definition.id}, ${name}: its list of files can not be read: ${errorMessage(cause)}`;
      return { ok: false, error: new FieldlineError('FEED_UNAVAILABLE', message, { cause }) };
    }
  }

  async function linkOf(item: NasaItem, base: string, signal: AbortSignal): Promise<string | undefined> {
    const kind = item.data[0]!.media_type;
    const { rendition } = definition;
    const own = ownLink(item, kind, rendition);
    if (linksSuffice(item, kind, rendition) || !item.href || !URL.canParse(item.href, base)) return absolute(own, base);
    const manifest = new URL(item.href, base).href;
    if (!resolved.has(manifest)) {
      const listed = await readManifest(manifest, signal).catch((error: unknown) => {
        // What is at hand is better than to wait for ever for what may be larger.
        if (signal.aborted || own === undefined || isWorthWaiting(manifest)) throw error;
        return [];
      });
      const found = bestLink(listed, kind, rendition);
      if (resolved.size >= MANIFESTS_HELD_MAX) resolved.delete(resolved.keys().next().value!);
      resolved.set(manifest, absolute(found, manifest) ?? null);
    }
    return resolved.get(manifest) ?? absolute(own, base);
  }

  function isWorthWaiting(manifest: string): boolean {
    const tries = (failures.get(manifest) ?? 0) + 1;
    failures.delete(manifest);
    if (tries >= MANIFEST_TRIES_MAX) return false;
    if (failures.size >= MANIFESTS_HELD_MAX) failures.delete(failures.keys().next().value!);
    failures.set(manifest, tries);
    return true;
  }

  /** The addresses that a manifest lists; none where it says for good that it is not there or is no list. */
  async function readManifest(address: string, signal: AbortSignal): Promise<string[]> {
    try {
      const { body } = await readDocument(address, {
        bytesMax: MANIFEST_BYTES_MAX,
        idleMsMax: MANIFEST_IDLE_MS_MAX,
        totalMsMax: MANIFEST_TOTAL_MS_MAX,
        redirectsMax: MANIFEST_REDIRECTS_MAX,
        allowPrivateHosts: downloads.allowPrivateHosts,
        signal,
      });
      return NasaManifestSchema.catch([]).parse(JSON.parse(body?.toString('utf8') ?? '[]'));
    } catch (error) {
      if (error instanceof SyntaxError || (isFieldlineError(error) && !error.retriable)) return [];
      throw error;
    }
  }

  return {
    definition,
    downloads,
    async *poll(signal) {
      const document = await source.read(signal);
      if (document === null) return;
      const frame = NasaFrameSchema.safeParse(document.json);
      if (!frame.success)
        throw new FieldlineError(
          'FEED_INVALID',
          `Feed ${definition.id} is no search response of the NASA Image and Video Library: ${describeIssues(frame.error)}`,
        );
      for (const [index, raw] of frame.data.collection.items.slice(0, ITEMS_PER_POLL_MAX).entries()) {
        signal.throwIfAborted();
        yield await entryOf(index, raw, document.base, signal);
      }
      source.done();
    },
  };
}

/** Addresses in the library's answers hold bare spaces, which a URL encodes. */
function absolute(address: string | undefined, base: string): string | undefined {
  return address !== undefined && URL.canParse(address, base) ? new URL(address, base).href : address;
}
