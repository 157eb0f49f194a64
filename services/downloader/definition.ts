import { AssetFeedMessage } from '@/lib/domain/messages';
import { TOPICS } from '@/lib/domain/naming';
import type { OpenAssetDownload } from '@/lib/download/types';
import type { MakePreviews } from '@/lib/media/types';
import type { ServiceDefinition } from '../contract';
import { feedContextOf, type LoadFeeds } from '../feed-ingest/definition';
import { route, startConsumers } from '../shared/consumers';
import { startWorkLoop } from '../shared/work-loop';
import { takeAnnouncements } from './announcements';
import { createPolicies } from './policies';
import { createQueue } from './queue';

export interface DownloaderTools {
  openDownload: OpenAssetDownload;
  makePreviews: MakePreviews;
  loadFeeds: LoadFeeds;
}

/** Fetches each new asset into the volume. */
export const createDownloader = (tools: DownloaderTools): ServiceDefinition => ({
  id: 'downloader',
  async start(context) {
    const { feeds } = await tools.loadFeeds(context.config.feeds, feedContextOf(context));
    const queue = createQueue(context, { ...tools, policyOf: createPolicies(context, feeds) }, (reason) =>
      loop.wake(reason),
    );
    const loop = startWorkLoop(context, () => queue.fill());
    const consumers = await startConsumers(context, 'downloader', [
      route({
        name: '',
        topics: [TOPICS.assetFeed],
        schema: AssetFeedMessage,
        // The row is the durable work list, so the offset need not wait for the download: a link that hangs holds up no message.
        handle: async (batch) => {
          await takeAnnouncements(context, batch);
          loop.wake('announced');
        },
      }),
    ]);
    return {
      done: consumers.done,
      stop: async () => {
        await consumers.stop();
        await loop.finished;
        await queue.drained();
      },
      wake: (reason) => loop.wake(reason),
    };
  },
});
