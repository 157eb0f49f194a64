/** What a person points at on the pages, by role and name. */
import { expect, type Locator, type Page } from '@playwright/test';

/** The navigation at the top. */
export const goTo = (page: Page, name: 'Mission' | 'HQ' | 'alpha') =>
  page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click();

export const verdict = (page: Page) => page.getByRole('region', { name: 'Verdict' });

/** The list under a service of HQ. */
export const lane = (page: Page, name: 'Announced' | 'Downloaded' | 'Broadcast') =>
  page.getByRole('list', { name: `${name} assets` });

export const serviceTile = (page: Page, title: string) => page.getByRole('article', { name: title, exact: true });

export const serviceSwitch = (page: Page, title: string) => serviceTile(page, title).getByRole('switch');

/** Stops a service by its switch, which asks first. */
export async function stopService(page: Page, title: string): Promise<void> {
  await serviceSwitch(page, title).click();
  await page
    .getByRole('alertdialog', { name: new RegExp(`^Stop ${title} at`) })
    .getByRole('button', { name: 'Stop it' })
    .click();
  await expect(serviceTile(page, title).getByText('Stopped', { exact: true })).toBeVisible();
}

/** Whether the page hears from its server. */
export const expectLive = (page: Page, state: 'live' | 'lost') =>
  expect(page.getByTestId('connection')).toHaveAttribute('data-state', state);

/** The asset table of an edge. */
export const grid = (page: Page) => page.getByRole('grid', { name: 'Assets' });
/** Its row of an asset. */
export const row = (page: Page, title: string) =>
  grid(page)
    .getByRole('row')
    .filter({ has: page.getByRole('checkbox', { name: `Select ${title}`, exact: true }) });
export const tick = (page: Page, title: string) =>
  page.getByRole('checkbox', { name: `Select ${title}`, exact: true }).click();

export const linkHeader = (page: Page) => page.getByRole('region', { name: 'Link of alpha with HQ' });
export const linkState = (page: Page) => linkHeader(page).getByTestId('link-state');
export const mirrorPanel = (page: Page) => page.getByRole('region', { name: 'Mirror', exact: true });
export const delivered = (page: Page) => page.getByRole('region', { name: 'Delivered' });
export const conditioner = (page: Page) => page.getByRole('region', { name: 'Link conditioner' });

/** Cuts the link, or restores it, at the conditioner. */
export async function cutLink(page: Page, cut: boolean): Promise<void> {
  const control = conditioner(page).getByRole('switch', { name: 'Cut the link' });
  await expect(control).toBeChecked({ checked: !cut });
  await control.click();
  await expect(control).toBeChecked({ checked: cut });
}

/** Limits the link, by the label of a rate. */
export const limitLink = (page: Page, label: string) =>
  conditioner(page).getByRole('combobox', { name: 'Rate' }).selectOption({ label });

/** Ticks the assets and requests them. */
export async function request(page: Page, titles: readonly string[]): Promise<void> {
  for (const title of titles) await tick(page, title);
  await page.getByRole('button', { name: `Request ${titles.length}`, exact: true }).click();
}

export async function expectStatus(page: Page, titles: readonly string[], status: string): Promise<void> {
  for (const title of titles) await expect(row(page, title).getByText(status, { exact: true })).toBeVisible();
}

/** Starts the mirror once there is something to bring. */
export async function startMirror(page: Page): Promise<void> {
  const button = mirrorPanel(page).getByRole('button', { name: 'Start mirror' });
  await expect(button).not.toHaveAttribute('aria-disabled', 'true');
  await button.click();
}

/** The picture inside has been fetched and decoded. */
export async function expectPictureDrawn(within: Locator): Promise<void> {
  const picture = within.locator('img').first();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
}
