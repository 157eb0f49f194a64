/** Journey 3: kill -9 in the middle of the work, of one process and of all. */
import type { Mirror } from '@/lib/api/schemas';
import { assetAt, expectDeliveredOnce, expectEachListedOnce, expectRequestsAtHq } from './support/inventory';
import { expect, type Mission, test } from './support/mission';
import {
  expectLive,
  expectStatus,
  goTo,
  lane,
  limitLink,
  linkState,
  mirrorPanel,
  request,
  row,
  serviceSwitch,
  serviceTile,
  startMirror,
  stopService,
  verdict,
} from './support/pages';

const PICTURES = ['Harbour', 'North ridge', 'Airfield', 'Fuel depot'];

/** How often the feed's server had to give each picture. */
const servedOf = ({ feed, sources }: Mission, titles: readonly string[]) =>
  titles.map((title) => feed.served(sources.get(title)!));

/** Bytes of the mirror's run so far. */
const mirrored = async ({ installation }: Mission) =>
  (await installation.api<Mirror>('/api/sites/alpha/mirror')).bytesDone;

test('the app is killed with a download half done and requests unanswered', async ({ page, begin }) => {
  const mission = await begin({ titles: PICTURES });
  const { installation, feed, sources } = mission;
  mission.publish(['Half fetched'], 'stall');
  const wanted = PICTURES.slice(0, 2);

  await page.goto(`${installation.url}/hq`);
  for (const title of PICTURES)
    await expect(lane(page, 'Broadcast').getByRole('button', { name: `${title}, Broadcast` })).toBeVisible();
  await stopService(page, 'Responder');
  await goTo(page, 'alpha');
  await request(page, wanted);
  await expectStatus(page, wanted, 'Requested');
  await expect.poll(async () => (await assetAt(installation, 'hq', 'Half fetched')).status).toBe('downloading');

  installation.kill('app-hq');
  feed.repair(sources.get('Half fetched')!);

  await test.step('the page says that it is not live, and is again once the launcher has started the app', async () => {
    await expectLive(page, 'lost');
    await expectLive(page, 'live');
  });

  await test.step('what was stopped by hand is stopped, the rest runs', async () => {
    await goTo(page, 'HQ');
    await expect(serviceTile(page, 'Responder').getByText('Stopped', { exact: true })).toBeVisible();
    for (const title of ['Feed ingest', 'Downloader', 'Broadcaster'])
      await expect(serviceTile(page, title).getByText('Running', { exact: true })).toBeVisible();
  });

  await test.step('the half download is done, the requests are answered', async () => {
    await expect(lane(page, 'Broadcast').getByRole('button', { name: 'Half fetched, Broadcast' })).toBeVisible();
    await serviceSwitch(page, 'Responder').click();
    await expect(serviceTile(page, 'Responder').getByText('Running', { exact: true })).toBeVisible();
    await goTo(page, 'alpha');
    await expectStatus(page, wanted, 'Ready');
    await startMirror(page);
    await expectStatus(page, wanted, 'Delivered');
  });

  await expectEachListedOnce(mission);
  await expectDeliveredOnce(mission, wanted);
  await expectRequestsAtHq(mission, wanted);
  // The four were durable before the kill; the fifth had never come in full.
  expect(servedOf(mission, [...PICTURES, 'Half fetched'])).toEqual([1, 1, 1, 1, 1]);
});

test('both fabrics are killed, one after the other, with a mirror under way', async ({ page, begin }) => {
  const mission = await begin({ titles: PICTURES });
  const { installation } = mission;

  await page.goto(`${installation.url}/edge/alpha`);
  for (const title of PICTURES) await expect(row(page, title)).toBeVisible();
  await request(page, PICTURES);
  await expectStatus(page, PICTURES, 'Ready');
  await limitLink(page, '32 kB/s, 256 kbit/s');
  await startMirror(page);
  await expect.poll(() => mirrored(mission)).toBeGreaterThan(0);

  await test.step('HQ: the edge sees its link go down and come back', async () => {
    // It is back within a second or two, which the page may miss; each time it dies again it stays away for longer.
    await expect(async () => {
      installation.kill('fabric-hq');
      await expect(linkState(page)).toHaveText('down', { timeout: 5_000 });
    }).toPass({ timeout: 60_000 });
    await expect(linkState(page)).toHaveText('up');
  });

  await test.step('the edge: the run goes on by itself', async () => {
    installation.kill('fabric-alpha');
    mission.publish(['Announced meanwhile']);
    await expectStatus(page, PICTURES, 'Delivered');
    await expect(row(page, 'Announced meanwhile')).toBeVisible();
  });

  await test.step('all is well again', async () => {
    await goTo(page, 'Mission');
    await expect(verdict(page)).toContainText('All moving');
  });

  await expectEachListedOnce(mission);
  await expectDeliveredOnce(mission, PICTURES);
  await expectRequestsAtHq(mission, PICTURES);
  expect(servedOf(mission, PICTURES)).toEqual([1, 1, 1, 1]);
});

test('everything is killed and started again', async ({ page, begin }) => {
  const mission = await begin({ titles: PICTURES });
  const { installation } = mission;

  await page.goto(`${installation.url}/hq`);
  for (const title of PICTURES)
    await expect(lane(page, 'Broadcast').getByRole('button', { name: `${title}, Broadcast` })).toBeVisible();
  await stopService(page, 'Broadcaster');
  mission.publish(['Not yet told']);
  await expect(lane(page, 'Downloaded').getByRole('button', { name: 'Not yet told, Downloaded' })).toBeVisible();
  await goTo(page, 'alpha');
  await request(page, PICTURES);
  await expectStatus(page, PICTURES, 'Ready');
  await limitLink(page, '32 kB/s, 256 kbit/s');
  await startMirror(page);
  await expect.poll(() => mirrored(mission)).toBeGreaterThan(0);

  await installation.killAll();
  await expectLive(page, 'lost');
  await installation.restart();

  await test.step('the same page goes on where it was', async () => {
    await expectLive(page, 'live');
    await expectStatus(page, PICTURES, 'Delivered');
    await expect(mirrorPanel(page)).toContainText('Idle');
    await expect(row(page, 'Not yet told')).toBeHidden();
  });

  await test.step('what was stopped by hand is stopped until a hand starts it', async () => {
    await goTo(page, 'HQ');
    await expect(serviceTile(page, 'Broadcaster').getByText('Stopped', { exact: true })).toBeVisible();
    await serviceSwitch(page, 'Broadcaster').click();
    await goTo(page, 'alpha');
    await expect(row(page, 'Not yet told')).toBeVisible();
  });

  await expectEachListedOnce(mission);
  await expectDeliveredOnce(mission, PICTURES);
  await expectRequestsAtHq(mission, PICTURES);
  expect(servedOf(mission, [...PICTURES, 'Not yet told'])).toEqual([1, 1, 1, 1, 1]);
});
