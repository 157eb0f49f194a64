import type { DownloadPolicy, Feed } from '@/lib/feeds/types';
import type { ServiceContext } from '../contract';

/** What may be fetched for an asset, by its feed; a feed that is configured no more gets the installation's own rules. */
export function createPolicies({ config }: ServiceContext, feeds: readonly Feed[]): (feedId: string) => DownloadPolicy {
  const byFeed = new Map(feeds.map((feed) => [feed.definition.id, feed.downloads]));
  return (feedId) => {
    const policy = byFeed.get(feedId);
    return {
      allowPrivateHosts: [...config.allowPrivateHosts, ...(policy?.allowPrivateHosts ?? [])],
      allowedFolders: policy?.allowedFolders ?? [],
    };
  };
}
