import { type SiteRole, servicesOf } from '@/lib/domain/services';
import { openAssetDownload } from '@/lib/download';
import { loadFeeds } from '@/lib/feeds';
import { makePreviews } from '@/lib/media';
import { broadcaster } from './broadcaster/definition';
import type { ServiceDefinition } from './contract';
import { createDownloader } from './downloader/definition';
import { createFeedIngest } from './feed-ingest/definition';
import { listener } from './listener/definition';
import { requester } from './requester/definition';
import { responder } from './responder/definition';
import { viewer } from './viewer/definition';

/** Every service, one line each. */
const SERVICES: readonly ServiceDefinition[] = [
  createFeedIngest(loadFeeds),
  createDownloader({ openDownload: openAssetDownload, makePreviews, loadFeeds }),
  broadcaster,
  responder,
  listener,
  requester,
  viewer,
];

/** The services of a site of this role. */
export const definitionsOf = (role: SiteRole): ServiceDefinition[] =>
  SERVICES.filter((definition) => servicesOf(role).includes(definition.id));
