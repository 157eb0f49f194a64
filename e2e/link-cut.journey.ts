/** Journey 2: the link is thin, is cut in the middle of what goes over it, and comes back. */
import type { Mirror } from '@/lib/api/schemas';
import { assetsAt, expectDeliveredOnce, expectEachListedOnce, expectRequestsAtHq } from './support/inventory';
import { expect, test } from './support/mission';
import {
  cutLink,
  expectStatus,
  goTo,
  grid,
  limitLink,
  linkHeader,
  linkState,
  mirrorPanel,
  request,
  row,
  startMirror,
  verdict,
} from './support/pages';

const numbered = (word: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${word} ${String(n + 1).padStart(2, '0')}`);

test('what HQ announces while the link is cut arrives when it is back', async ({ page, begin }) => {
  const before = ['Known before', 'Asked while cut'];
  const mission = await begin({ titles: before });
  const { installation } = mission;
  const many = numbered('Survey', 24);

  await page.goto(`${installation.url}/edge/alpha`);
  await expect(linkState(page)).toHaveText('up');
  for (const title of before) await expect(row(page, title)).toBeVisible();

  await test.step('it is cut while descriptions are coming', async () => {
    await limitLink(page, '8 kB/s, 64 kbit/s');
    mission.publish(many);
    await expect.poll(async () => (await assetsAt(installation, 'alpha')).length).toBeGreaterThan(before.length);
    await cutLink(page, true);
    await expect(linkState(page)).toHaveText('down');
    expect((await assetsAt(installation, 'alpha')).length).toBeLessThan(before.length + many.length);
  });

  await test.step('the pages say so: since when, in amber, and that nothing is lost', async () => {
    await expect(linkHeader(page)).toHaveAttribute('data-tone', 'attention');
    await expect(linkHeader(page).getByText('HQ seen')).toBeVisible();
    await expect(linkHeader(page)).toContainText(/ago|now/);
    await expect(linkHeader(page)).toContainText('Requests wait here and go when the link is back.');
    await expect(mirrorPanel(page).getByRole('button', { name: 'Start mirror' })).toHaveAttribute(
      'aria-disabled',
      'true',
    );
    await goTo(page, 'Mission');
    await expect(verdict(page)).toHaveAttribute('data-tone', 'attention');
    await expect(verdict(page)).toContainText('1 link down');
    await expect(verdict(page)).toContainText(/The link of alpha is down; HQ last seen/);
    await goTo(page, 'alpha');
  });

  await test.step('a request waits at the edge', async () => {
    await request(page, ['Asked while cut']);
    await expect(
      page.getByText('The link to HQ is not up: the requests wait here and go when it is.', { exact: true }),
    ).toBeVisible();
    await expectStatus(page, ['Asked while cut'], 'Requested');
    await expectRequestsAtHq(mission, []);
  });

  await test.step('the link comes back, and with it all that waited', async () => {
    await limitLink(page, 'No limit');
    await cutLink(page, false);
    await expect(linkState(page)).toHaveText('up');
    await expect(page.getByText(`${before.length + many.length} known here`, { exact: true })).toBeVisible();
    const search = page.getByRole('searchbox', { name: 'Search assets' });
    await search.fill('Survey');
    await expect(grid(page)).toHaveAttribute('aria-rowcount', String(1 + many.length));
    // Only rows in sight are drawn, and many newer ones came.
    await search.fill('Asked');
    await expectStatus(page, ['Asked while cut'], 'Ready');
    await startMirror(page);
    await expectStatus(page, ['Asked while cut'], 'Delivered');
    await goTo(page, 'Mission');
    await expect(verdict(page)).toContainText('All moving');
  });

  await expectEachListedOnce(mission);
  await expectDeliveredOnce(mission, ['Asked while cut']);
  await expectRequestsAtHq(mission, ['Asked while cut']);
});

test('a mirror that is cut in the middle goes on where it was', async ({ page, begin }) => {
  const titles = numbered('Frame', 6);
  const mission = await begin({ titles });
  const { installation } = mission;
  const mirror = () => installation.api<Mirror>('/api/sites/alpha/mirror');

  await page.goto(`${installation.url}/edge/alpha`);
  for (const title of titles) await expect(row(page, title)).toBeVisible();
  await request(page, titles);
  await expectStatus(page, titles, 'Ready');

  await test.step('it runs over a thin line, and is cut with a file under way', async () => {
    await limitLink(page, '32 kB/s, 256 kbit/s');
    await startMirror(page);
    await expect(mirrorPanel(page).getByRole('progressbar', { name: 'Mirror progress' })).toBeVisible();
    await expect.poll(async () => (await mirror()).bytesDone).toBeGreaterThan(0);
    await cutLink(page, true);
    await expect(linkState(page)).toHaveText('down');
    const { bytesDone, bytesTotal } = await mirror();
    expect(bytesDone).toBeLessThan(bytesTotal!);
  });

  await test.step('the pages say that the run waits, and why; in amber', async () => {
    await expect(mirrorPanel(page)).toContainText('Waiting');
    await expect(mirrorPanel(page)).toContainText('The run goes on by itself when the link is back');
    await expect(linkHeader(page)).toHaveAttribute('data-tone', 'attention');
    await goTo(page, 'Mission');
    await expect(page.getByRole('region', { name: 'Sites and links' })).toContainText('Mirror waits for the link');
    await goTo(page, 'alpha');
  });

  await test.step('the link comes back, and the run goes on by itself', async () => {
    await limitLink(page, 'No limit');
    await cutLink(page, false);
    await expect(linkState(page)).toHaveText('up');
    await expectStatus(page, titles, 'Delivered');
    await expect(mirrorPanel(page)).toContainText('Idle');
  });

  await expectEachListedOnce(mission);
  await expectDeliveredOnce(mission, titles);
  await expectRequestsAtHq(mission, titles);
});
