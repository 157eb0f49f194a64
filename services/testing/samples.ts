import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { AssetDescription, AssetFile } from '@/lib/domain/asset';
import type { OpenAssetDownload } from '@/lib/download/types';
import { FieldlineError } from '@/lib/errors';
import { FeedDefinitionSchema } from '@/lib/feeds/definition';
import type { Feed, FeedEntry, FeedItem, LoadedFeeds } from '@/lib/feeds/types';
import type { SitePorts, TopicRef } from '@/lib/ports';

export const sampleAsset = (id: string): AssetDescription => ({
  id,
  feed: 'test',
  sourceId: `source/${id}`,
  title: `Title of ${id}`,
  kind: 'image',
  keywords: ['one'],
});
export const contentOf = (id: string) => Buffer.from(`the bytes of ${id}`);
export const sampleFile = (id: string): AssetFile => ({
  fileName: `${id}.jpg`,
  mediaType: 'image/jpeg',
  bytes: contentOf(id).length,
  sha256: createHash('sha256').update(contentOf(id)).digest('hex'),
  tinyPreview: 'data:image/webp;base64,AAAA',
});

export const sampleItem = (sourceId: string, change: Partial<FeedItem> = {}): FeedItem => ({
  sourceId,
  title: `Title of ${sourceId}`,
  kind: 'image',
  keywords: [],
  link: `http://feed.example/${sourceId}.jpg`,
  contentKey: '1',
  ...change,
});

/** A feed whose next poll the test decides. */
export function sampleFeed(
  id: string,
  poll: () => FeedEntry[],
  change: { itemsMax?: number; intervalSeconds?: number } = {},
): Feed {
  return {
    definition: FeedDefinitionSchema.parse({ id, kind: 'json', url: 'http://feed.example/feed.json', ...change }),
    downloads: { allowPrivateHosts: [], allowedFolders: [] },
    async *poll() {
      yield* poll();
    },
  };
}
export const loaded = (...feeds: Feed[]): LoadedFeeds => ({ feeds, skipped: [], problems: [] });
export const entry = (item: FeedItem): FeedEntry => ({ ok: true, item });

/** Serves `the bytes of <name>` for `http://.../<name>.jpg`; names in `failures` fail so often with that error. */
export function sampleDownloads(failures: Map<string, { error: FieldlineError; times: number }> = new Map()) {
  const asked: string[] = [];
  const open: OpenAssetDownload = async (link, { signal }) => {
    if (link === undefined) throw new FieldlineError('ASSET_NO_LINK', 'The feed gave no link');
    signal.throwIfAborted();
    const name = link.slice(link.lastIndexOf('/') + 1).replace(/\.jpg$/, '');
    asked.push(name);
    const failure = failures.get(name);
    if (failure && failure.times > 0) {
      failure.times--;
      throw failure.error;
    }
    const content = contentOf(name);
    return {
      mediaType: 'image/jpeg',
      fileName: `${name}.jpg`,
      contentLength: content.length,
      stream: Readable.from([content], { objectMode: false }),
    };
  };
  return { asked, open };
}

/** Every record of a topic so far, parsed. */
export async function messagesOf(ports: SitePorts, topic: TopicRef): Promise<Record<string, unknown>[]> {
  const records = await ports.streams.tail(topic, 10_000);
  return records.map((record) => JSON.parse(record.value) as Record<string, unknown>);
}
