/**
 * Makes the README's pictures from the running product: starts it on the sample feed in a temporary directory, works with it through
 * the API for a while, takes the pages while a mirror is under way, and ends it. Takes two or three minutes.
 *
 *   node scripts/screenshots.mjs
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import sharp from 'sharp';
import { say } from './lib/say.mjs';
import { systemBrowser } from './provision-browser.mjs';

const root = path.resolve(import.meta.dirname, '..');
const SIZE = { width: 1280, height: 800 };
const PAGES = { mission: '/', hq: '/hq', edge: '/edge/alpha' };
/** The most a picture may weigh: the README is read over thin links too. */
const PICTURE_BYTES_MAX = 400_000;
const PALETTE_COLOURS = [256, 128, 64];
const ASSETS_MIN = 24;
const FIRST_REQUEST = 8;
const SECOND_REQUEST = 8;
/** The newest ones, which stay as they are: the picture of the edge shows what they would cost. */
const TICKED = 3;
/** Thin enough that the second run lasts while the pages are taken. */
const LINE = { cut: false, bytesPerSecond: 32_000, latencyMs: 80 };
const WAIT_MS_MAX = 300_000;
/** The pages draw rates over some seconds. */
const SETTLE_MS = 8_000;

const directory = mkdtempSync(path.join(tmpdir(), 'fieldline-pictures-'));
const ports = await freePorts(5);
const url = `http://127.0.0.1:${ports[0]}`;
writeFileSync(
  path.join(directory, 'fieldline.json'),
  JSON.stringify({
    app: { port: ports[0] },
    dataDir: 'data',
    feeds: [path.join(root, 'feeds')],
    sites: ['hq', 'alpha'].map((id, n) => ({
      id,
      role: id === 'hq' ? 'hq' : 'edge',
      fabric: { kind: 'embedded', kafkaPort: ports[1 + 2 * n], restPort: ports[2 + 2 * n] },
    })),
  }),
);
const product = spawn(process.execPath, ['scripts/start.mjs', '--config', path.join(directory, 'fieldline.json')], {
  cwd: root,
  stdio: 'inherit',
});
const ended = once(product, 'exit');
try {
  await Promise.race([takePictures(), ended.then(() => Promise.reject(new Error('The product ended early')))]);
} finally {
  product.kill('SIGTERM');
  await ended;
  rmSync(directory, { recursive: true, force: true });
}

async function takePictures() {
  await until('the product is ready', async () => (await fetch(`${url}/api/health/ready`)).ok);
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
      await keep(name, await page.screenshot());
    }
  } finally {
    await browser.close();
  }
}

/** Asks for the newest assets that nobody asked for, but for some; waits until HQ has staged them, and starts the mirror. */
async function bring(count, spared = 0) {
  const chosen = (await assets('available')).slice(spared, spared + count).map((asset) => asset.id);
  await api('POST', '/api/sites/alpha/requests', { assetIds: chosen });
  await until('HQ has staged them', async () => (await assets('ready')).length === count);
  await api('POST', '/api/sites/alpha/mirror');
}

async function assets(status) {
  const filter = status ? `&status=${status}` : '';
  return (await api('GET', `/api/sites/alpha/assets?limit=1000${filter}`)).assets;
}

async function api(method, call, body) {
  const response = await fetch(`${url}${call}`, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  });
  if (!response.ok) throw new Error(`${method} ${call}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Saves a picture with as many colours as its weight allows. */
async function keep(name, picture) {
  const file = path.join(root, 'docs/images', `${name}.png`);
  for (const colours of PALETTE_COLOURS) {
    const png = await sharp(picture).png({ palette: true, colours, effort: 10, compressionLevel: 9 }).toBuffer();
    if (png.length > PICTURE_BYTES_MAX) continue;
    writeFileSync(file, png);
    say(`docs/images/${name}.png: ${colours} colours, ${Math.round(png.length / 1000)} kB`);
    return;
  }
  throw new Error(`${name} does not fit into ${PICTURE_BYTES_MAX} bytes`);
}

async function until(what, condition) {
  const deadline = Date.now() + WAIT_MS_MAX;
  let last;
  while (Date.now() < deadline) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    await sleep(300);
  }
  throw new Error(`Waited in vain until ${what}`, { cause: last });
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const found = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return found;
}
