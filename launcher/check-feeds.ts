import type { FieldlineConfig } from '@/lib/config';
import { loadFeeds } from '@/lib/feeds';

/** Fails with the first FEED_INVALID: a feed that is wrong is better heard of before anything is started than found missing later. */
export async function checkFeeds(config: FieldlineConfig): Promise<void> {
  const { problems } = await loadFeeds(config.feeds, {
    appBaseUrl: `http://${config.app.host}:${config.app.port}`,
    allowPrivateHosts: config.allowPrivateHosts,
  });
  if (problems[0]) throw problems[0];
}
