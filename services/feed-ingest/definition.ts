import type { FeedContext, LoadedFeeds } from '@/lib/feeds/types';
import { urlHost } from '@/lib/net/address';
import type { ServiceContext, ServiceDefinition } from '../contract';
import { startWorkLoop } from '../shared/work-loop';
import { createFeedSweep } from './outbox';
import { FeedPoller } from './poller';

export type LoadFeeds = (paths: readonly string[], context: FeedContext) => Promise<LoadedFeeds>;

/** Announcements that failed are written again this often. */
const SWEEP_INTERVAL_MS = 5000;

/** Reads the feeds and announces assets that are new. */
export const createFeedIngest = (loadFeeds: LoadFeeds): ServiceDefinition => ({
  id: 'feed-ingest',
  async start(context) {
    const { config, report, log } = context;
    const { feeds, skipped, problems } = await loadFeeds(config.feeds, feedContextOf(context));
    for (const problem of problems) report.failed(problem);
    report.degraded(problems.length > 0 ? problems.map((problem) => problem.message).join('; ') : null, 'definitions');
    for (const { id, reason } of skipped) log.info('A feed is not polled', { feed: id, reason });

    const sweep = createFeedSweep(context);
    const loop = startWorkLoop(context, async () => {
      await sweep();
      return SWEEP_INTERVAL_MS;
    });
    const pollers = Promise.all(feeds.map((feed) => new FeedPoller(feed, context).run()));
    const done = Promise.all([pollers, loop.finished]).then(() => undefined);
    return { done, stop: () => done, wake: (reason) => loop.wake(reason) };
  },
});

/** What feeds need to know of this installation; the downloader asks with the same. */
export const feedContextOf = ({ config }: Pick<ServiceContext, 'config'>): FeedContext => ({
  appBaseUrl: config.demo ? `http://${hostForUrl(config.app.host)}:${config.app.port}` : null,
  allowPrivateHosts: config.allowPrivateHosts,
});

/** The app may listen on every address; it is then reached on loopback. */
const hostForUrl = (host: string) => {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return urlHost(host);
};
