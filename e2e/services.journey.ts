/** Journey 5: an operator runs the services, the link and the requests by hand. */
import { expectDeliveredOnce, expectEachListedOnce } from './support/inventory';
import { expect, test } from './support/mission';
import {
  expectStatus,
  goTo,
  lane,
  linkHeader,
  linkState,
  request,
  row,
  serviceSwitch,
  serviceTile,
  startMirror,
  stopService,
  tick,
  verdict,
} from './support/pages';

const TITLES = ['Harbour', 'North ridge', 'Airfield'];

test('a service is stopped with care and started at once; its log is off until asked for', async ({ page, begin }) => {
  const mission = await begin({ titles: TITLES });
  await page.goto(`${mission.installation.url}/hq`);
  const downloader = serviceTile(page, 'Downloader');
  await expect(downloader.getByText('Running', { exact: true })).toBeVisible();

  await test.step('a stop asks first, and can be left', async () => {
    await serviceSwitch(page, 'Downloader').click();
    const question = page.getByRole('alertdialog', { name: 'Stop Downloader at hq?' });
    await question.getByRole('button', { name: 'Leave it' }).click();
    await expect(question).toBeHidden();
    await expect(serviceSwitch(page, 'Downloader')).toBeChecked();
    await expect(downloader.getByText('Running', { exact: true })).toBeVisible();
  });

  await test.step('while it is stopped its work waits, and the verdict says so', async () => {
    await stopService(page, 'Downloader');
    await expect(verdict(page)).toContainText('1 stopped');
    mission.publish(['Later']);
    await expect(lane(page, 'Announced').getByRole('button', { name: 'Later, Announced' })).toBeVisible();
  });

  await test.step('the log is silent until a level is chosen, then speaks', async () => {
    await page.getByRole('tab', { name: 'Log' }).click();
    await expect(page.getByText('The log is off', { exact: true })).toBeVisible();
    await page.getByRole('combobox', { name: 'Downloader' }).selectOption({ label: 'Info' });
    await expect(page.getByText('Nothing has been said yet')).toBeVisible();
    await serviceSwitch(page, 'Downloader').click();
    await expect(downloader.getByText('Running', { exact: true })).toBeVisible();
    await expect(page.getByRole('log', { name: 'Log of hq' })).toContainText('Downloaded');
  });

  await test.step('what waited is done', async () => {
    await expect(lane(page, 'Broadcast').getByRole('button', { name: 'Later, Broadcast' })).toBeVisible();
    await expect(verdict(page)).toContainText('All services run');
  });
});

test('the link is paused and resumed; a request is cancelled and made again', async ({ page, begin }) => {
  const mission = await begin({ titles: TITLES });
  await page.goto(`${mission.installation.url}/edge/alpha`);
  for (const title of TITLES) await expect(row(page, title)).toBeVisible();

  await test.step('paused, nothing new comes, and the page says what waits', async () => {
    await linkHeader(page).getByRole('button', { name: 'Pause link' }).click();
    await page
      .getByRole('alertdialog', { name: 'Pause the link of alpha?' })
      .getByRole('button', { name: 'Pause it' })
      .click();
    await expect(linkState(page)).toHaveText('paused');
    mission.publish(['While paused']);
    await goTo(page, 'HQ');
    await expect(lane(page, 'Broadcast').getByRole('button', { name: 'While paused, Broadcast' })).toBeVisible();
    await goTo(page, 'Mission');
    await expect(verdict(page)).toContainText('The link of alpha is paused both ways');
    await goTo(page, 'alpha');
    await expect(row(page, 'Harbour')).toBeVisible();
    await expect(row(page, 'While paused')).toBeHidden();
  });

  await test.step('a request made meanwhile waits, and can be withdrawn', async () => {
    await request(page, ['Harbour', 'Airfield']);
    await expectStatus(page, ['Harbour', 'Airfield'], 'Requested');
    await tick(page, 'Harbour');
    await page.getByRole('button', { name: 'Cancel 1', exact: true }).click();
    await page
      .getByRole('alertdialog', { name: 'Cancel 1 request?' })
      .getByRole('button', { name: 'Cancel them' })
      .click();
    await expectStatus(page, ['Harbour'], 'Cancelled');
  });

  await test.step('one direction alone is resumed: news come, the request still waits', async () => {
    await linkHeader(page).getByRole('button', { name: 'Resume from hq' }).click();
    await expect(row(page, 'While paused')).toBeVisible();
    await expectStatus(page, ['Airfield'], 'Requested');
  });

  await test.step('resumed both ways, HQ stages what is still wanted, and nothing else', async () => {
    await linkHeader(page).getByRole('button', { name: 'Resume to hq' }).click();
    await expect(linkState(page)).toHaveText('up');
    await expectStatus(page, ['Airfield'], 'Ready');
    await expectStatus(page, ['Harbour'], 'Cancelled');
    await startMirror(page);
    await expectStatus(page, ['Airfield'], 'Delivered');
    await expectDeliveredOnce(mission, ['Airfield']);
  });

  await test.step('what was cancelled can be requested again', async () => {
    await request(page, ['Harbour']);
    await expectStatus(page, ['Harbour'], 'Ready');
    await startMirror(page);
    await expectStatus(page, ['Harbour'], 'Delivered');
  });

  await expectEachListedOnce(mission);
  await expectDeliveredOnce(mission, ['Airfield', 'Harbour']);
});
