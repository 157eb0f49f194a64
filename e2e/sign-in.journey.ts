/** Journey 7: access control, from the first administrator to a field user who may do little. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './support/mission';
import { expectLive, goTo, row, serviceSwitch, verdict } from './support/pages';
import { watchPolicy } from './support/policy';

const ADMIN = { name: 'anna', password: 'four unrelated words here' };
const FIELD = { name: 'fred', password: 'another four unrelated words' };

async function signIn(page: Page, { name, password }: typeof ADMIN): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const PAGES = [
  '/',
  '/hq',
  '/edge/alpha',
  '/settings',
  '/settings/account',
  '/settings/users',
  '/settings/tokens',
  '/settings/audit',
  '/nothing-is-here',
  '/edge/nowhere',
];

test('the first administrator lets a field user in, who may work at alpha and nowhere else', async ({
  page,
  begin,
}) => {
  const { installation } = await begin({ titles: ['Harbour', 'North ridge'], config: { access: { mode: 'on' } } });
  const broken = await watchPolicy(page);
  const token = readFileSync(path.join(installation.directory, 'data/access/setup-token'), 'utf8').trim();

  await test.step('a stranger sees the sign-in page, whatever they ask for', async () => {
    await page.goto(`${installation.url}/hq`);
    await expect(page).toHaveURL(/\/sign-in\?next=%2Fhq$/);
    await expect(page.getByRole('navigation', { name: 'Pages' })).toHaveCount(0);
    await signIn(page, ADMIN);
    await expect(page.getByRole('alert').filter({ hasText: 'The name or the password is wrong' })).toBeVisible();
  });

  await test.step('the one-time token makes the first administrator, once', async () => {
    await page.getByRole('link', { name: 'Set up the first administrator' }).click();
    await page.getByLabel('Your name').fill(ADMIN.name);
    await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
    await page.getByLabel('Password again').fill(ADMIN.password);
    await page.getByLabel('One-time token').fill('not the token at all');
    await page.getByRole('button', { name: 'Make me the administrator' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'not the set-up token' })).toBeVisible();
    await page.getByLabel('One-time token').fill(token);
    await page.getByRole('button', { name: 'Make me the administrator' }).click();
    await expect(verdict(page)).toContainText('All moving');
    await page.goto(`${installation.url}/set-up`);
    await expect(page).toHaveURL(`${installation.url}/`);
    expect(installation.output).not.toContain(token);
  });

  await test.step('the administrator adds a field user', async () => {
    await page.getByRole('button', { name: `Account of ${ADMIN.name}` }).click();
    await page.getByRole('menuitem', { name: 'Account' }).click();
    await page.getByRole('link', { name: 'Users' }).click();
    await page.getByRole('button', { name: 'Add user' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a user' });
    await dialog.getByLabel('Name').fill(FIELD.name);
    await dialog.getByLabel('Role').selectOption('field');
    await dialog.getByLabel('Site').selectOption('alpha');
    await dialog.getByLabel('First password').fill(FIELD.password);
    await dialog.getByRole('button', { name: 'Add user' }).click();
    await expect(page.getByRole('row').filter({ hasText: FIELD.name })).toContainText('field of alpha');
    await page.getByRole('button', { name: 'Add user' }).click();
    await expect(dialog).toBeVisible();
    // By a style element, which takes the nonce of the page.
    await expect(page.locator('body')).toHaveCSS('overflow', 'hidden');
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  });

  await test.step('and a token for a machine, shown once', async () => {
    await page.getByRole('link', { name: 'API tokens' }).click();
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('What it is for').fill('prometheus');
    await page.getByRole('checkbox', { name: /^metrics/ }).check();
    await page.getByRole('button', { name: 'Make token' }).click();
    const machine = await page.getByTestId('new-token').innerText();
    const authorization = `Bearer ${machine}`;
    expect((await fetch(`${installation.url}/metrics`, { headers: { authorization } })).status).toBe(200);
    expect((await fetch(`${installation.url}/api/sites`, { headers: { authorization } })).status).toBe(403);
    expect((await fetch(`${installation.url}/metrics`)).status).toBe(401);
    await page.getByRole('button', { name: 'Done' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'prometheus' })).not.toContainText(machine);
  });

  await test.step('signs out, and the way back is closed', async () => {
    await page.getByRole('button', { name: `Account of ${ADMIN.name}` }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(/\/sign-in/);
    await page.goto(`${installation.url}/edge/alpha`);
    await signIn(page, FIELD);
    await expect(page).toHaveURL(/\/edge\/alpha$/);
  });

  await test.step('the field user works at alpha', async () => {
    await page.getByRole('checkbox', { name: 'Select Harbour', exact: true }).click();
    await page.getByRole('button', { name: /^Request/ }).click();
    await expect(row(page, 'Harbour')).toContainText(/Ready|Requested/);
    await expect(page.getByTestId('conditioner').getByRole('switch')).toHaveAttribute('aria-disabled', 'true');
  });

  await test.step('but starts no service of HQ, by page or by API', async () => {
    await goTo(page, 'HQ');
    const control = serviceSwitch(page, 'Downloader');
    await expect(control).toHaveAttribute('aria-disabled', 'true');
    await control.focus();
    await expect(page.getByRole('tooltip')).toContainText('It takes an operator to do this');
    await control.press('Enter');
    await expect(page.getByRole('alertdialog')).toHaveCount(0);
    const status = await page.evaluate(async () => {
      const response = await fetch('/api/sites/hq/services/downloader', {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'x-fieldline-csrf': '1' },
        body: JSON.stringify({ desired: 'stopped' }),
      });
      return response.status;
    });
    expect(status).toBe(403);
    await page.goto(`${installation.url}/settings/users`);
    await expect(page.getByTestId('not-allowed')).toContainText('It takes an administrator to do this');
  });

  await test.step('the audit log tells of all of it', async () => {
    await page.getByRole('button', { name: `Account of ${FIELD.name}` }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await signIn(page, ADMIN);
    await expect(page.getByRole('button', { name: `Account of ${ADMIN.name}` })).toBeVisible();
    await page.goto(`${installation.url}/settings/audit?what=updateService`);
    await expect(page.getByRole('row').filter({ hasText: FIELD.name })).toContainText('refused');
    await page.goto(`${installation.url}/settings/audit`);
    for (const what of ['setUp', 'createUser', 'createToken', 'signOut', 'createRequests'])
      await expect(page.getByRole('row').filter({ hasText: what }).first()).toContainText('done');
  });

  await test.step('every page is drawn within its policy', async () => {
    for (const at of PAGES) {
      const markup = await (await page.request.get(installation.url + at)).text();
      expect(markup.match(/<[^>]* style="[^>]*>/g), at).toBeNull();
      expect(markup.match(/<style(?![^>]* nonce=)[^>]*>/g), at).toBeNull();
      await page.goto(installation.url + at);
      await expectLive(page, 'live');
    }
    await expect(page.getByRole('heading', { name: 'Nothing is at this address' })).toBeVisible();
  });
  expect(broken).toEqual([]);

  await test.step('also a page that broke, and a frame that did', async () => {
    const answer = (sites: unknown[]) =>
      page.route('**/api/sites', (route) => route.fulfill({ json: { mission: 'm', demo: false, sites } }));
    await page.route('**/api/events*', (route) => route.abort());
    await answer([{ id: 'hq', role: 'hq', hosted: true }]);
    await page.goto(installation.url);
    await expect(page.getByRole('heading', { name: 'This page broke' })).toBeVisible();
    await answer([null]);
    await page.goto(installation.url);
    await expect(page.getByRole('heading', { name: 'Fieldline’s pages broke' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Draw them again' })).toHaveCSS('border-top-style', 'solid');
  });
  expect(broken.filter((violation) => /content.security.policy|-src/i.test(violation))).toEqual([]);
});
