/**
 * Makes the README's pictures from the running product: starts it on the sample feed in a temporary directory, works with it through
 * the API for a while, takes the pages while a mirror is under way, and ends it. Takes two or three minutes.
 *
 *   node scripts/screenshots.mjs
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import { say } from './lib/say.mjs';
import { keep, until, withProduct } from './pictures/product.mjs';
import { systemBrowser } from './provision-browser.mjs';

const SIZE = { width: 1280, height: 800 };
const PAGES = { mission: '/', hq: '/hq', edge: '/edge/alpha', settings: '/settings' };
/** What there is to see of a page that does not fill the window. */
const CLIPS = { settings: { x: 0, y: 0, width: SIZE.width, height: 480 } };
const ASSETS_MIN = 24;
const FIRST_REQUEST = 8;
const SECOND_REQUEST = 8;
/** The newest ones, which stay as they are: the picture of the edge shows what they would cost. */
const TICKED = 3;
/** Thin enough that the second run lasts while the pages are taken. */
const LINE = { cut: false, bytesPerSecond: 32_000, latencyMs: 80 };
/** The pages draw rates over some seconds. */
const SETTLE_MS = 8_000;

await withProduct(takePictures);

async function takePictures({ url, api, assets, bring }) {
  say('Working with the sample feed ...');
  await until('there are assets', async () => (await assets()).length >= ASSETS_MIN);
  await bring(FIRST_REQUEST, TICKED);
  await until('the first files are delivered', async () => (await assets('delivered')).length === FIRST_REQUEST);

  const browser = await chromium.launch({ executablePath: systemBrowser(), args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const context = await browser.newContext({ viewport: SIZE, colorScheme: 'dark', reducedMotion: 'reduce' });
    const pages = {};
    for (const [name, address] of Object.entries(PAGES)) {
      pages[name] = await context.newPage();
      await pages[name].goto(`${url}${address}`);
    }
    await api('PUT', '/api/sites/alpha/link', { conditions: LINE });
    const ticked = (await assets('available')).slice(0, TICKED);
    for (const { title } of ticked) await pages.edge.getByRole('checkbox', { name: `Select ${title}` }).click();
    await bring(SECOND_REQUEST, TICKED);
    await until('a file is under way', async () => (await api('GET', '/api/sites/alpha/mirror')).bytesDone > 0);
    await sleep(SETTLE_MS);
    for (const [name, page] of Object.entries(pages)) {
      await page.bringToFront();
      await page.mouse.move(0, 0);
      await keep(name, await page.screenshot({ clip: CLIPS[name] }));
    }
    await keep('requests', await pages.hq.getByRole('tabpanel').screenshot());
  } finally {
    await browser.close();
  }
}
