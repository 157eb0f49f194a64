/** Journey 1: an asset travels from a feed to a field team's screen, by clicks alone. */
import { formatBytesExact } from '@/lib/format';
import { assetAt, expectDeliveredOnce, expectEachListedOnce } from './support/inventory';
import { expect, test } from './support/mission';
import {
  delivered,
  expectPictureDrawn,
  expectStatus,
  goTo,
  grid,
  lane,
  mirrorPanel,
  row,
  startMirror,
  tick,
  verdict,
} from './support/pages';

const RIDGES = ['North ridge', 'South ridge'];
const TITLES = ['Harbour at dawn', ...RIDGES, 'River crossing', 'Airfield', 'Fuel depot', 'Old bridge'];
const WANTED = [...RIDGES, 'Old bridge'];

test('an asset travels from the feed to the viewer of a field team', async ({ page, begin }) => {
  const mission = await begin({ titles: TITLES });
  const { installation } = mission;

  await test.step('the mission page says that all is well', async () => {
    await page.goto(installation.url);
    await expect(verdict(page)).toContainText('All moving');
    await expect(page.getByRole('region', { name: 'Sites and links' })).toContainText('field team');
  });

  await test.step('assets arrive at HQ with their pictures; one has a timeline', async () => {
    await goTo(page, 'HQ');
    for (const title of TITLES) {
      const tile = lane(page, 'Broadcast').getByRole('button', { name: `${title}, Broadcast` });
      await expect(tile).toBeVisible();
      await expectPictureDrawn(tile);
    }
    await lane(page, 'Broadcast').getByRole('button', { name: 'Old bridge, Broadcast' }).click();
    const drawer = page.getByRole('dialog', { name: 'Old bridge' });
    for (const step of ['Announced', 'Downloaded', 'Broadcast'])
      await expect(drawer.getByRole('region', { name: 'Timeline' }).getByText(step, { exact: true })).toBeVisible();
    await drawer.getByRole('button', { name: 'Close' }).click();
    await expect(drawer).toBeHidden();
  });

  await test.step('the field team finds what it needs', async () => {
    await goTo(page, 'alpha');
    for (const title of TITLES) await expect(row(page, title)).toBeVisible();
    await page.getByRole('searchbox', { name: 'Search assets' }).fill('ridge');
    await expect(row(page, 'Airfield')).toBeHidden();
    for (const title of RIDGES) await tick(page, title);
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await tick(page, 'Old bridge');
  });

  await test.step('it sees the cost before it asks, and asks', async () => {
    const rows = await Promise.all(WANTED.map((title) => assetAt(installation, 'alpha', title)));
    const bytes = rows.reduce((sum, asset) => sum + asset.bytes!, 0);
    const cost = page.getByTestId('cost');
    await expect(cost).toContainText('3 to request');
    await expect(cost.getByTitle(formatBytesExact(bytes), { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Request 3', exact: true }).click();
    await expect(page.getByText('3 assets requested', { exact: true })).toBeVisible();
    await expectStatus(page, WANTED, 'Ready');
    await page.getByRole('button', { name: /^Ready/ }).click();
    await expect(grid(page).getByRole('row')).toHaveCount(1 + WANTED.length);
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
  });

  await test.step('it brings them, and looks at one', async () => {
    await expect(mirrorPanel(page)).toContainText('in 3 files');
    await startMirror(page);
    await expectStatus(page, WANTED, 'Delivered');
    await delivered(page).getByRole('button', { name: 'View Old bridge' }).click();
    const viewer = page.getByRole('dialog', { name: 'Old bridge' });
    const picture = viewer.getByRole('img', { name: 'Old bridge' });
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(240);
    await viewer.getByRole('button', { name: 'Close' }).click();
  });

  await test.step('HQ knows that each arrived', async () => {
    await goTo(page, 'HQ');
    const requests = page.getByRole('region', { name: 'Edge requests' });
    for (const title of WANTED)
      await expect(requests.getByRole('row').filter({ hasText: title }).getByText('Received')).toBeVisible();
    await expect(requests.getByRole('row')).toHaveCount(1 + WANTED.length);
  });

  await expectEachListedOnce(mission);
  await expectDeliveredOnce(mission, WANTED);
});
