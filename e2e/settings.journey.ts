/** Journey 8: an administrator moves HQ to another fabric from the settings page. The other fabric is embedded: it needs no engine. */
import type { Locator } from '@playwright/test';
import { FabricProcess, temporaryDirectory } from '../lib/drivers/testing/fabric-process';
import { expect, test } from './support/mission';
import { expectStatus, goTo, lane, request, startMirror } from './support/pages';

test('HQ is tested, prepared, moved, and what it left is removed', async ({ page, begin }, testInfo) => {
  const temporary = await temporaryDirectory();
  const other = await new FabricProcess('hq', temporary.directory).start();
  const [kafkaPort, restPort] = [other.kafka, other.rest].map((address) => address.split(':')[1]!);
  try {
    const mission = await begin({ titles: ['Harbour', 'North ridge'] });
    await page.goto(`${mission.installation.url}/settings`);
    const hq = page.getByTestId('connection-hq');
    const inUse = hq.getByRole('region', { name: 'What hq stands on' });
    const draft = hq.getByRole('region', { name: 'New connection' });
    const door = (of: Locator, name: string) => of.locator(`[data-door="${name}"]`);
    const fill = (label: string, text = '') => hq.getByLabel(label, { exact: true }).fill(text);

    await test.step('what is in use answers', async () => {
      await hq.getByRole('button', { name: 'Test now' }).click();
      for (const name of ['streams', 'tables', 'volumes'])
        await expect(door(inUse, name)).toHaveAttribute('data-state', 'ok');
    });

    await test.step('a form that is not filled says what is missing', async () => {
      await hq.getByRole('button', { name: 'Connect elsewhere' }).click();
      await expect(hq.getByLabel('Endpoint')).toBeVisible();
      await hq.getByRole('button', { name: 'Save as draft' }).click();
      await expect(hq.getByLabel('Brokers', { exact: true })).toBeFocused();
      await testInfo.attach('form', { body: await page.screenshot({ fullPage: true }), contentType: 'image/png' });
    });

    await test.step('a wrong port is named', async () => {
      await hq.getByRole('radio', { name: /^Embedded fabric/ }).check();
      await hq.getByLabel('Started by Fieldline').uncheck();
      await fill('Kafka port', restPort);
      await fill('REST port', restPort);
      await hq.getByRole('button', { name: 'Save as draft' }).click();
      await hq.getByRole('button', { name: 'Test', exact: true }).click();
      await expect(door(draft, 'streams')).toContainText('wrong service');
      await expect(door(draft, 'streams')).toContainText('a web server');
      await testInfo.attach('wrong', { body: await page.screenshot({ fullPage: true }), contentType: 'image/png' });
    });

    await test.step('the right one is prepared, and prepared again', async () => {
      await hq.getByRole('button', { name: 'Change', exact: true }).click();
      await fill('Kafka port', kafkaPort);
      await hq.getByRole('button', { name: 'Save as draft' }).click();
      const steps = hq.getByRole('list', { name: 'Steps' });
      await hq.getByRole('button', { name: 'Prepare', exact: true }).click();
      await expect(hq.locator('[data-job="prepare"]')).toHaveAttribute('data-state', 'done');
      await expect(steps.getByText('Topic replicated/ASSET_BROADCAST')).toBeVisible();
      await hq.getByRole('button', { name: 'Prepare', exact: true }).click();
      await expect(hq.getByText(/\d skipped$/)).toBeVisible();
    });

    await test.step('HQ moves while the page looks on', async () => {
      await hq.getByRole('button', { name: 'Move hq there' }).click();
      await page
        .getByRole('alertdialog', { name: 'Move hq?' })
        .getByRole('button', { name: 'Move', exact: true })
        .click();
      await expect(hq.locator('[data-job="move"]')).toHaveAttribute('data-state', 'done', { timeout: 120_000 });
      await expect(hq.getByText('as connected here')).toBeVisible();
      await testInfo.attach('moved', { body: await page.screenshot({ fullPage: true }), contentType: 'image/png' });
    });

    await test.step('what it left is removed once the name is typed', async () => {
      await hq.getByRole('region', { name: 'Before' }).getByRole('button', { name: 'Remove' }).click();
      const question = page.getByRole('alertdialog');
      const button = question.getByRole('button', { name: 'Remove', exact: true });
      await expect(button).toHaveAttribute('aria-disabled', 'true');
      await question.getByRole('textbox').fill('missionx');
      await button.click();
      await expect(hq.locator('[data-job="remove"]')).toHaveAttribute('data-state', 'done');
      await expect(hq.getByRole('region', { name: 'Before' })).toBeHidden();
    });

    await test.step('the mission goes on at the new place', async () => {
      mission.publish(['Airfield']);
      await goTo(page, 'HQ');
      await expect(lane(page, 'Broadcast').getByRole('button', { name: 'Airfield, Broadcast' })).toBeVisible();
      await goTo(page, 'alpha');
      await request(page, ['Airfield']);
      await expectStatus(page, ['Airfield'], 'Ready');
      await startMirror(page);
      await expectStatus(page, ['Airfield'], 'Delivered');
    });
  } finally {
    await other.kill();
    await temporary.remove();
  }
});
