/**
 * A person moves the HQ of the demo mission to real Apache Kafka, PostgreSQL and S3 from the settings page, in a browser, and goes on
 * working: what the journey of the settings (settings.journey.ts) clicks with another embedded fabric.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Locator, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameBucket } from '@/lib/s3/testing/s3-server';
import { startKafka } from '@/scripts/engines/kafka.mjs';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { startS3 } from '@/scripts/engines/s3.mjs';
import { StartedEngines } from '@/scripts/engines/started';
import { BROWSER } from './support/browser';
import { type FeedServer, startFeedServer } from './support/feed-server';
import { Installation } from './support/installation';
import { goTo, mirrorPanel, request, row } from './support/pages';

const BUCKET = 'missions';
const USER = { username: 'fieldline', password: 'kafka-secret' };
const SET_UP_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = 400_000;
/** Generous: nothing here is about speed. */
const WAIT_MS = 120_000;
/** Pictures of the pages, to be looked at. */
const PICTURES = path.resolve(import.meta.dirname, '../test-results/move-to-engines');

describe.skipIf(!(engine('kafka').home && engine('postgres').home && engine('s3').home))('the settings page', () => {
  const engines = new StartedEngines();
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let s3: Awaited<ReturnType<typeof startS3>>;
  let feed: FeedServer;
  let mission: Installation;
  let browser: Browser;
  let page: Page;
  const picture = (name: string) => page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: true });
  const seen = (what: Locator) => what.waitFor({ state: 'visible' });
  const status = (title: string, words: string) => seen(row(page, title).getByText(words, { exact: true }));
  async function deliver(title: string): Promise<void> {
    await goTo(page, 'alpha');
    await seen(row(page, title));
    await request(page, [title]);
    await status(title, 'Ready');
    await mirrorPanel(page).locator('button:not([aria-disabled=true])', { hasText: 'Start mirror' }).click();
    await status(title, 'Delivered');
  }

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    feed = await startFeedServer();
    for (const title of ['Harbour', 'North ridge']) feed.publish(title);
    [kafka, postgres, s3] = await Promise.all([
      engines.add(startKafka({ users: [USER] })),
      engines.add(startPostgres()),
      engines.add(startS3()),
    ]);
    await nameBucket(s3, BUCKET);
    mission = await Installation.start({ sites: ['hq', 'alpha'], feeds: [feed.definition] });
    browser = await chromium.launch(BROWSER);
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
  }, SET_UP_TIMEOUT_MS);
  afterAll(async () => {
    await browser?.close();
    await mission?.stop();
    await feed?.close();
    await engines.stop();
  }, SET_UP_TIMEOUT_MS);

  it(
    "moves a demo mission's HQ to Kafka, PostgreSQL and S3, and the field goes on",
    async () => {
      await page.goto(mission.url);
      await deliver('Harbour');

      await page.goto(`${mission.url}/settings`);
      const hq = page.getByTestId('connection-hq');
      const draft = hq.getByRole('region', { name: 'New connection' });
      const door = (name: string, state: string) => draft.locator(`[data-door="${name}"][data-state="${state}"]`);
      const job = (kind: string, state: string) => hq.locator(`[data-job="${kind}"][data-state="${state}"]`);
      const button = (name: string) => hq.getByRole('button', { name, exact: true });
      const fill = (group: string, label: string, text: string) =>
        hq.getByRole('group', { name: group }).getByLabel(label, { exact: true }).fill(text);
      await button('Connect elsewhere').click();
      await hq.getByRole('radio', { name: /^Kafka, PostgreSQL and S3/ }).check();
      const streams = 'Streams: Apache Kafka';
      await fill(streams, 'Brokers', kafka.tlsBroker!);
      await fill(streams, 'Replication factor', '1');
      await hq.getByLabel('TLS to the brokers').check();
      await fill(streams, 'Authority', kafka.ca!);
      await hq.getByLabel('Sign in (SASL)').check();
      await fill(streams, 'User', USER.username);
      await fill(streams, 'Password', USER.password);
      const tables = 'Tables: PostgreSQL';
      await fill(tables, 'Host', postgres.host);
      await fill(tables, 'Port', String(postgres.port));
      await fill(tables, 'Database', postgres.database);
      await fill(tables, 'User', postgres.user);
      await fill(tables, 'Password', 'not this one');
      const volumes = 'Volumes: S3';
      await fill(volumes, 'Endpoint', s3.endpoint);
      await fill(volumes, 'Bucket', BUCKET);
      await fill(volumes, 'Access key', s3.accessKeyId);
      await fill(volumes, 'Secret key', s3.secretAccessKey);
      await picture('1-form');
      await button('Save as draft').click();

      await button('Test').click();
      await seen(door('streams', 'ok'));
      await seen(door('tables', 'failed').getByText('credentials', { exact: true }));
      await seen(door('volumes', 'ok'));
      await picture('2-wrong-password');
      await button('Change').click();
      await fill(tables, 'Password', postgres.password);
      await button('Save as draft').click();
      await button('Test').click();
      for (const name of ['streams', 'tables', 'volumes']) await seen(door(name, 'ok'));

      await button('Prepare').click();
      await seen(job('prepare', 'done'));
      await picture('3-prepared');
      await button('Move hq there').click();
      await picture('4-question');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Move', exact: true }).click();
      await seen(job('move', 'done'));
      await seen(hq.getByText('as connected here'));
      await picture('5-moved');
      await button('Test now').click();
      await seen(
        hq.getByRole('region', { name: 'What hq stands on' }).locator('[data-door="tables"][data-state="ok"]'),
      );

      await deliver('North ridge');
      feed.publish('Airfield');
      await deliver('Airfield');
      await picture('6-delivered');
      for (const secret of [USER.password, postgres.password, s3.secretAccessKey])
        expect(mission.output).not.toContain(secret);
    },
    TEST_TIMEOUT_MS,
  );
});
