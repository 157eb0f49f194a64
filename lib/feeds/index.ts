export { loadFeeds } from './load';
export type { DownloadPolicy, Feed, FeedContext, FeedDefinition, FeedEntry, FeedItem, LoadedFeeds } from './types';
