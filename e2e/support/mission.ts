/** The journeys' own test: each begins a mission of its own (an installation, and a feed that it reads) and ends it. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test as base, type TestInfo } from '@playwright/test';
import { type Behaviour, type FeedServer, startFeedServer } from './feed-server';
import { Installation } from './installation';

export interface Mission {
  feed: FeedServer;
  installation: Installation;
  /** Source ids by title, of all that was published. */
  sources: Map<string, string>;
  /** Publishes pictures (or items that misbehave) under these titles. */
  publish(titles: readonly string[], behaviour?: Behaviour): void;
}

export interface MissionOptions {
  titles?: readonly string[];
  /** Merged into the configuration. */
  config?: object;
}

export const test = base.extend<{ begin: (options?: MissionOptions) => Promise<Mission> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern which fixtures this one needs: none.
  begin: async ({}, use, testInfo) => {
    const feeds: FeedServer[] = [];
    const installations: Installation[] = [];
    await use(async ({ titles = [], config } = {}) => {
      const feed = await startFeedServer();
      feeds.push(feed);
      const sources = new Map<string, string>();
      const publish = (more: readonly string[], behaviour?: Behaviour) => {
        for (const title of more) sources.set(title, feed.publish(title, behaviour));
      };
      publish(titles);
      const installation = await Installation.start({
        sites: ['hq', 'alpha'],
        feeds: [feed.definition],
        ...(config ? { config } : {}),
      });
      installations.push(installation);
      return { feed, installation, sources, publish };
    });
    for (const installation of installations) {
      if (testInfo.status !== testInfo.expectedStatus) await attachLogs(installation, testInfo);
      await installation.stop();
    }
    for (const feed of feeds) await feed.close();
  },
});

export { expect } from '@playwright/test';

/** What the installation said and wrote, beside the trace of a journey that failed. */
async function attachLogs(installation: Installation, testInfo: TestInfo): Promise<void> {
  await testInfo.attach('launcher', { body: installation.output, contentType: 'text/plain' });
  const directory = path.join(installation.directory, 'data/run');
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.log')))
    await testInfo.attach(name, { path: path.join(directory, name), contentType: 'text/plain' });
}
