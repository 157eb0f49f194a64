/** The running product, for whoever takes pictures of it: on the sample feed, in a temporary directory, ended afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { say } from '../lib/say.mjs';

export const root = path.resolve(import.meta.dirname, '../..');
/** The most a picture may weigh: the README is read over thin links too. */
const PICTURE_BYTES_MAX = 400_000;
const PALETTE_COLOURS = [256, 128, 64];
const WAIT_MS_MAX = 300_000;

/** Starts the product, waits until it is ready, calls `work` with its address and calls, and ends it in any case. */
export async function withProduct(work) {
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
  const early = ended.then(() => Promise.reject(new Error('The product ended early')));
  early.catch(() => undefined);
  try {
    const ready = until('the product is ready', async () => (await fetch(`${url}/api/health/ready`)).ok);
    await Promise.race([ready, early]);
    await Promise.race([work({ url, directory, ...callsOf(url) }), early]);
  } finally {
    product.kill('SIGTERM');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  }
}

function callsOf(url) {
  async function api(method, call, body) {
    const response = await fetch(`${url}${call}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${call}: ${response.status} ${await response.text()}`);
    return response.json();
  }
  async function assets(status) {
    const filter = status ? `&status=${status}` : '';
    return (await api('GET', `/api/sites/alpha/assets?limit=1000${filter}`)).assets;
  }
  /** Asks for the newest assets that nobody asked for, but for some; waits until HQ has staged them, and starts the mirror. */
  async function bring(count, spared = 0) {
    const chosen = (await assets('available')).slice(spared, spared + count).map((asset) => asset.id);
    await api('POST', '/api/sites/alpha/requests', { assetIds: chosen });
    await until('HQ has staged them', async () => (await assets('ready')).length === chosen.length);
    await api('POST', '/api/sites/alpha/mirror');
  }
  return { api, assets, bring };
}

/** Saves a picture with as many colours as its weight allows. */
export async function keep(name, picture) {
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

export async function until(what, condition) {
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

export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const found = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return found;
}
