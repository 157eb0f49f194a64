/** Journey 6: the pages by keyboard, for assistive technology, on a telephone, and where there is nothing. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expectDeliveredOnce } from './support/inventory';
import { expect, test } from './support/mission';
import {
  delivered,
  expectStatus,
  goTo,
  grid,
  lane,
  mirrorPanel,
  request,
  row,
  startMirror,
  verdict,
} from './support/pages';

const TITLES = ['Harbour', 'North ridge', 'Airfield', 'Fuel depot'];
const PATHS = ['/', '/hq', '/edge/alpha'];

/** Goes on with Tab until the focus is where a person wants it; fails when it never gets there. */
async function tabTo(page: Page, name: string, role: 'button' | 'grid' | 'link'): Promise<void> {
  const wanted = page.getByRole(role, { name, exact: true });
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Tab');
        return wanted.evaluate((element) => element === document.activeElement);
      },
      { intervals: [0] },
    )
    .toBe(true);
}

/** How far the page is wider than its window, in px. */
const overhang = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('a field team works by keyboard alone', async ({ page, begin }) => {
  const mission = await begin({ titles: TITLES });
  await page.goto(mission.installation.url);
  await expect(verdict(page)).toContainText('All moving');

  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await tabTo(page, 'alpha', 'link');
  await page.keyboard.press('Enter');
  for (const title of TITLES) await expect(row(page, title)).toBeVisible();

  await test.step('finds, selects and requests', async () => {
    await page.keyboard.press('/');
    await expect(page.getByRole('searchbox', { name: 'Search assets' })).toBeFocused();
    await page.keyboard.type('ridge');
    await expect(row(page, 'Harbour')).toBeHidden();
    await tabTo(page, 'Assets', 'grid');
    await page.keyboard.press('Space');
    await expect(row(page, 'North ridge')).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('/');
    await page.keyboard.press('Escape');
    await expect(row(page, 'Harbour')).toBeVisible();
    await tabTo(page, 'Asset', 'button');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('columnheader', { name: 'Asset' })).toHaveAttribute('aria-sort', 'ascending');
    await page.keyboard.press('/');
    await tabTo(page, 'Assets', 'grid');
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await expect(row(page, 'Airfield')).toHaveAttribute('aria-selected', 'true');
    await tabTo(page, 'Request 2', 'button');
    await page.keyboard.press('Enter');
  });

  const asked = ['North ridge', 'Airfield'];
  await test.step('brings what it asked for, and looks at it', async () => {
    await expect(page.getByText('2 assets requested', { exact: true })).toBeVisible();
    await expectStatus(page, asked, 'Ready');
    await expect(mirrorPanel(page)).toContainText('in 2 files');
    await tabTo(page, 'Start mirror', 'button');
    await page.keyboard.press('Enter');
    await expectStatus(page, asked, 'Delivered');
    await expect(delivered(page).getByRole('button')).toHaveCount(2);
    await tabTo(page, 'View North ridge', 'button');
    await page.keyboard.press('Enter');
    const viewer = page.getByRole('dialog', { name: 'North ridge' });
    await expect(viewer).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(viewer).toBeHidden();
    await expect(delivered(page).getByRole('button', { name: 'View North ridge' })).toBeFocused();
  });
  await expectDeliveredOnce(mission, asked);
});

test('the pages have no serious fault for assistive technology, dark or light, and fit a telephone', async ({
  page,
  begin,
}) => {
  const mission = await begin({ titles: TITLES.slice(1) });
  mission.publish(TITLES.slice(0, 1), 'missing');
  const { url } = mission.installation;
  await page.goto(`${url}/edge/alpha`);
  for (const title of TITLES.slice(1)) await expect(row(page, title)).toBeVisible();
  await request(page, ['Airfield', 'Fuel depot']);
  await expectStatus(page, ['Airfield', 'Fuel depot'], 'Ready');
  await startMirror(page);
  await expectStatus(page, ['Airfield', 'Fuel depot'], 'Delivered');
  await expectDeliveredOnce(mission, ['Airfield', 'Fuel depot']);

  for (const look of ['Dark', 'Light, for sun']) {
    await page.getByRole('button', { name: 'Appearance' }).click();
    await page.getByRole('menuitemradio', { name: look }).click();
    for (const path of PATHS)
      await test.step(`${path} in ${look}`, async () => {
        await page.goto(`${url}${path}`);
        await expectDrawn(page, path);
        await expectNoSeriousFault(page);
      });
    await test.step(`the asset's drawer and the viewer in ${look}`, async () => {
      await row(page, 'North ridge').click();
      await expect(page.getByRole('dialog', { name: 'North ridge' })).toBeVisible();
      await expectNoSeriousFault(page);
      await page.keyboard.press('Escape');
      await delivered(page).getByRole('button', { name: 'View Airfield' }).click();
      await expect(page.getByRole('dialog', { name: 'Airfield' }).getByRole('img')).toBeVisible();
      await expectNoSeriousFault(page);
      await page.keyboard.press('Escape');
    });
  }

  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of PATHS)
    await test.step(`${path} at 360 px`, async () => {
      await page.goto(`${url}${path}`);
      await expectDrawn(page, path);
      await expect.poll(() => overhang(page)).toBe(0);
    });
});

test('a page whose lists are still on their way is not wider than a phone', async ({ page, begin }) => {
  const { installation } = await begin();
  await page.setViewportSize({ width: 360, height: 740 });
  await page.route(/\/api\/sites\/\w+\/assets\?/, () => undefined);
  await page.goto(installation.url);
  await expect(page.getByRole('region', { name: 'Latest at HQ' })).toBeVisible();
  expect(await overhang(page)).toBe(0);
});

test('where there is nothing, the pages say so', async ({ page, begin }) => {
  const { installation } = await begin();
  const { url } = installation;

  const answer = await page.goto(`${url}/edge/nowhere`);
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'Nothing is at this address' })).toBeVisible();
  expect((await page.goto(`${url}/no/such/page`))?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'Nothing is at this address' })).toBeVisible();

  await page.goto(`${url}/hq?asset=field-0000`);
  await expect(page.getByRole('dialog', { name: 'This asset can not be shown' })).toContainText('field-0000');
  await page.keyboard.press('Escape');
  await expect(page.getByText('No feed has named an asset yet')).toBeVisible();

  await goTo(page, 'alpha');
  await expect(page.getByText('HQ has not announced anything to this edge yet')).toBeVisible();
  await expect(page.getByText('Nothing has been delivered yet')).toBeVisible();
  await page.goto(`${url}/edge/alpha?view=field-0000`);
  await expect(page.getByRole('dialog')).toContainText('field-0000');

  for (const path of ['/api/sites/nowhere/assets', '/api/sites/hq/assets/field-0000', '/api/sites/hq/services/no-such'])
    await test.step(path, async () => {
      const response = await fetch(`${url}${path}`);
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
    });
});

/** The page has what it is for: what is checked is not a skeleton. */
async function expectDrawn(page: Page, path: string): Promise<void> {
  if (path === '/') await expect(page.getByRole('button', { name: 'Airfield, Delivered' })).toBeVisible();
  else if (path === '/hq') await expect(lane(page, 'Broadcast').getByRole('button')).toHaveCount(3);
  else await expect(grid(page).getByRole('row')).toHaveCount(4);
}

async function expectNoSeriousFault(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations
    .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
    .map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.slice(0, 3).map((node) => `${node.target} ${node.html}`),
    }));
  expect(serious).toEqual([]);
}
