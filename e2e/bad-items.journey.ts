/** Journey 4: a feed with items that can not be had. */
import { assetAt, expectEachListedOnce } from './support/inventory';
import { expect, test } from './support/mission';
import { goTo, lane, row } from './support/pages';

/** Short, so that a server which never answers is given up while one waits; four tries with growing pauses lie before that. */
const DOWNLOAD_IDLE_MS = 2000;
const GIVEN_UP_TIMEOUT_MS = 240_000;
const JOURNEY_TIMEOUT_MS = 420_000;

const BAD = [
  { title: 'Without a link', behaviour: 'no-link', reason: /no link/i },
  { title: 'Not there', behaviour: 'missing', reason: /answered 404: the file is not there/ },
  { title: 'A sign-in page', behaviour: 'html', reason: /HTML/i },
  { title: 'Never answers', behaviour: 'hang', reason: /sent nothing for 2 s/ },
] as const;
const GOOD = ['Harbour', 'North ridge', 'Airfield'];

test('what can not be had fails with its reason, holds up nothing, and can be tried again', async ({ page, begin }) => {
  test.setTimeout(JOURNEY_TIMEOUT_MS);
  const mission = await begin({ config: { limits: { downloadIdleMsMax: DOWNLOAD_IDLE_MS } } });
  const { installation, feed, sources } = mission;
  for (const { title, behaviour } of BAD) mission.publish([title], behaviour);
  mission.publish(GOOD);

  await page.goto(`${installation.url}/hq?tab=failed`);
  const failed = page.getByRole('region', { name: 'Failed assets' });
  const failedRow = (title: string) => failed.getByRole('row').filter({ hasText: title });

  await test.step('the others arrive while one still hangs', async () => {
    for (const title of GOOD)
      await expect(lane(page, 'Broadcast').getByRole('button', { name: `${title}, Broadcast` })).toBeVisible();
    await expect(failedRow('Never answers')).toBeHidden();
  });

  await test.step('each bad one is shown as failed, with its own reason', async () => {
    for (const { title, reason } of BAD)
      await expect(failedRow(title).getByRole('cell', { name: reason })).toBeVisible({ timeout: GIVEN_UP_TIMEOUT_MS });
    await expect(failed.getByRole('row')).toHaveCount(1 + BAD.length);
    await expect(page.getByRole('tab', { name: 'Failed 4' })).toBeVisible();
    await page.getByRole('button', { name: 'Not there', exact: true }).click();
    const drawer = page.getByRole('dialog', { name: 'Not there' });
    await expect(drawer.getByRole('region', { name: 'Timeline' })).toContainText(BAD[1].reason);
    await drawer.getByRole('button', { name: 'Close' }).click();
  });

  await test.step('the edges hear of none of them', async () => {
    await goTo(page, 'alpha');
    for (const title of GOOD) await expect(row(page, title)).toBeVisible();
    for (const { title } of BAD) await expect(row(page, title)).toBeHidden();
  });

  const repairable = BAD.filter(({ behaviour }) => behaviour !== 'no-link');
  await test.step('tried again too early, an item fails again; once its server is repaired, it arrives', async () => {
    await page.goto(`${installation.url}/hq?tab=failed`);
    const source = sources.get('Not there')!;
    const askedBefore = feed.asked(source);
    await page.getByRole('button', { name: 'Retry Not there' }).click();
    await expect.poll(() => feed.asked(source)).toBe(askedBefore + 1);
    await expect.poll(async () => (await assetAt(installation, 'hq', 'Not there')).status).toBe('failed');
    await expect(failedRow('Not there')).toBeVisible();
    for (const { title } of repairable) {
      feed.repair(sources.get(title)!);
      await page.getByRole('button', { name: `Retry ${title}` }).click();
      await expect(lane(page, 'Broadcast').getByRole('button', { name: `${title}, Broadcast` })).toBeVisible();
    }
    await expect(failed.getByRole('row')).toHaveCount(2);
  });

  await goTo(page, 'alpha');
  for (const { title } of repairable) await expect(row(page, title)).toBeVisible();
  await expectEachListedOnce(mission, ['Without a link']);
});
