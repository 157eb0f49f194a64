/**
 * A tired world: a feed with good and bad items, and every process of the installation killed with -9 in turn, again and again, while assets
 * are ingested, requested and mirrored. Then everything must be there once, as the feed served it, and nothing may be stuck.
 *
 * 1. The feed publishes pictures and items that fail for a lasting reason. The bad ones are shown as failed with their code.
 * 2. Rounds: publish some, request some, start a mirror, and kill one process: a fabric, the app, or the launcher, which is then started at once.
 * 3. A second launcher on the same data is refused with one sentence, and changes nothing of the first one's.
 * 4. Settling: every picture is broadcast and known at alpha; every request ends delivered; digests are those of the feed; HQ knows.
 * 5. A service that an operator had stopped is still stopped.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Service } from '@/lib/api/schemas';
import { type Behaviour, type FeedServer, startFeedServer } from './support/feed-server';
import { Installation, until } from './support/installation';
import { assetsAt, expectSettled, type Place, startMirror } from './support/settled';

const SET_UP_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = 300_000;
const SETTLE_TIMEOUT_MS = 120_000;
/** A second launcher that is not refused would run on. */
const START_TIMEOUT_MS = 60_000;
const PICTURES_PER_ROUND = 4;
/** Every process at least twice, in an order that lets one die while another is still coming back. */
const VICTIMS = [
  'fabric-hq',
  'app-hq',
  'fabric-alpha',
  'launcher',
  'fabric-hq',
  'fabric-alpha',
  'app-hq',
  'fabric-hq',
  'launcher',
  'app-hq',
];
/** Chaos that can be repeated: when, within a round, the blow falls. */
const DELAYS_MS = [300, 1500, 50, 900, 0, 2000, 600, 100, 1200, 400];

let feed: FeedServer;
let installation: Installation;
let hq: Place;
let alpha: Place;
const digests = new Map<string, string>();
const asked = new Set<string>();

beforeAll(async () => {
  feed = await startFeedServer('chaos');
  installation = await Installation.start({
    sites: ['hq', 'alpha'],
    feeds: [feed.definition],
    config: { limits: { requestResendMs: 3000, downloadIdleMsMax: 5000 } },
  });
  hq = { at: installation, site: 'hq' };
  alpha = { at: installation, site: 'alpha' };
}, SET_UP_TIMEOUT_MS);
afterAll(async () => {
  await installation?.stop();
  await feed?.close();
}, SET_UP_TIMEOUT_MS);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const isReady = async () => (await fetch(`${installation.url}/api/health/ready`)).ok;

function publish(title: string, behaviour: Behaviour = 'picture'): void {
  const sourceId = feed.publish(title, behaviour);
  if (behaviour === 'picture') digests.set(title, feed.digest(sourceId));
}

/** Asks for all that may be asked for, and for a mirror run; either may meet a process that is dying. */
async function requestAndMirror(): Promise<void> {
  const ids = (await assetsAt(alpha)).filter((asset) => asset.status === 'available').map((asset) => asset.id);
  if (ids.length > 0) {
    await installation.api('/api/sites/alpha/requests', { method: 'POST', body: { assetIds: ids } });
    for (const id of ids) asked.add(id);
  }
  await startMirror(alpha);
}

/** An order may meet a fabric that is just dying, which readiness learns of only at its next look. */
const order = (service: string, desired: Service['desired']) =>
  until(`${service} is ordered to be ${desired}`, async () => {
    await installation.api(`/api/sites/hq/services/${service}`, { method: 'PUT', body: { desired } });
    return true;
  });

async function kill(victim: string): Promise<void> {
  if (victim !== 'launcher') return installation.kill(victim);
  await installation.killLauncher();
  await installation.restart();
}

it(
  'loses nothing, doubles nothing and leaves nothing stuck, whoever is killed',
  async () => {
    for (const behaviour of ['no-link', 'missing', 'html'] as const) publish(`Bad: ${behaviour}`, behaviour);
    await order('broadcaster', 'stopped');

    let inVain = 0;
    for (const [round, victim] of VICTIMS.entries()) {
      for (let n = 0; n < PICTURES_PER_ROUND; n++) publish(`Picture ${round}.${n}`);
      await until(`all is ready before round ${round}`, isReady, SETTLE_TIMEOUT_MS);
      if (round === 1) await order('broadcaster', 'running');
      const working = requestAndMirror().catch(() => {
        inVain += 1;
      });
      await pause(DELAYS_MS[round]!);
      await kill(victim);
      await working;
    }
    expect(inVain).toBeLessThan(VICTIMS.length);
    expect(asked.size).toBeGreaterThan(0);
    await until('all is ready in the end', isReady, SETTLE_TIMEOUT_MS);

    await expectSettled({
      hq,
      edges: [alpha],
      digests,
      bad: ['Bad: html', 'Bad: missing', 'Bad: no-link'],
      asked: new Map([['alpha', asked]]),
    });
  },
  TEST_TIMEOUT_MS,
);

it('refuses a second launcher on the same data, which changes nothing of the first one', () => {
  const file = path.join(installation.directory, 'fieldline.json');
  const second = path.join(installation.directory, 'second.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  // Port 9 (discard) is never bound by us: the second one would get as far as its fabrics.
  writeFileSync(second, JSON.stringify({ ...config, app: { port: 9 } }));
  const resolved = path.join(installation.directory, 'data/run/config-hq-alpha.json');
  const before = readFileSync(resolved, 'utf8');
  const root = path.resolve(import.meta.dirname, '..');
  const { status, stderr } = spawnSync(process.execPath, ['scripts/start.mjs', '--config', second], {
    cwd: root,
    timeout: START_TIMEOUT_MS,
  });
  expect(status).toBe(1);
  expect(String(stderr)).toMatch(/^fieldline {2}The data of hq in .* is in use: Fieldline runs on it already\..*\n$/);
  expect(readFileSync(resolved, 'utf8')).toBe(before);
});

it(
  'keeps what an operator stopped stopped, through kill -9 of everything',
  async () => {
    await order('downloader', 'stopped');
    await installation.killAll();
    await installation.restart();
    const { services } = await installation.api<{ services: Service[] }>('/api/sites/hq/services');
    expect(services.find((service) => service.id === 'downloader')).toMatchObject({
      desired: 'stopped',
      state: 'stopped',
    });
    publish('Waits');
    await until('it is announced', async () => (await assetsAt(hq)).some((asset) => asset.title === 'Waits'));
    await order('downloader', 'running');
    await until('it is broadcast', async () =>
      (await assetsAt(hq)).some((asset) => asset.title === 'Waits' && asset.status === 'broadcast'),
    );
  },
  TEST_TIMEOUT_MS,
);
