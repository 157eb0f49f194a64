/**
 * Back up and restore, as docs/operations.md tells it: HQ and alpha as two installations at work (a feed, requests, mirrors), each copied while it is
 * written to, killed with -9, restored into an empty directory, started again.
 *
 * 1. HQ's copy holds all that was acknowledged before it was taken, and its streams, tables and volumes agree.
 * 2. After a restore the mission goes on. The link of alpha, which knows more than HQ, stops, and goes on once somebody says so; nothing is asked twice.
 * 3. After a restore of alpha its link takes back what HQ has of it, by itself.
 */
import { execFile } from 'node:child_process';
import { renameSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Link } from '@/lib/api/schemas';
import { type FeedServer, startFeedServer } from './support/feed-server';
import { Installation, until } from './support/installation';
import { assetsAt, digestAt, expectSettled, type Place, requestsAt, startMirror } from './support/settled';

const ROOT = path.resolve(import.meta.dirname, '..');
const TEST_TIMEOUT_MS = 300_000;
const SETTLE_TIMEOUT_MS = 120_000;
const LOAD_INTERVAL_MS = 150;
/** What one copy is taken under: the feed's server has 60 pictures. */
const LOAD_PICTURES = 12;
const run = promisify(execFile);

let feed: FeedServer;
let hq: Place;
let alpha: Place;
const digests = new Map<string, string>();
const asked = new Set<string>();

beforeAll(async () => {
  feed = await startFeedServer('restore');
  const config = { limits: { requestResendMs: 3000 } };
  hq = { at: await Installation.start({ sites: ['hq'], feeds: [feed.definition], config }), site: 'hq' };
  const upstream = `127.0.0.1:${hq.at.doors.hq!.restPort}`;
  alpha = { at: await Installation.start({ sites: ['alpha'], upstream, config }), site: 'alpha' };
}, TEST_TIMEOUT_MS);
afterAll(async () => {
  await alpha?.at.stop();
  await hq?.at.stop();
  await feed?.close();
}, TEST_TIMEOUT_MS);

let published = 0;
function publish(count: number): void {
  for (let n = 0; n < count; n++) {
    const title = `Scene ${published++}`;
    digests.set(title, feed.digest(feed.publish(title)));
  }
}

/** Asks for so many assets that nobody asked for, and starts a mirror. */
async function ask(count: number): Promise<void> {
  const ids = (await assetsAt(alpha)).filter(({ status }) => status === 'available').map(({ id }) => id);
  const wanted = ids.slice(0, count);
  if (wanted.length > 0) {
    await alpha.at.api('/api/sites/alpha/requests', { method: 'POST', body: { assetIds: wanted } });
    for (const id of wanted) asked.add(id);
  }
  await startMirror(alpha);
}

/** Feeds, requests and mirrors before, while and after `work` is done. */
async function underLoad<T>(work: () => Promise<T>): Promise<T> {
  let isOver = false;
  const load = (async () => {
    for (let n = 0; !isOver || n < LOAD_PICTURES; n++) {
      if (n < LOAD_PICTURES) publish(1);
      await ask(1);
      await new Promise((resolve) => setTimeout(resolve, LOAD_INTERVAL_MS));
    }
  })();
  try {
    const [done] = await Promise.all([
      work().finally(() => {
        isOver = true;
      }),
      load,
    ]);
    return done;
  } finally {
    isOver = true;
  }
}

/** What a person types; beside the feed's server and the load, which go on. */
async function command(name: 'backup' | 'restore', ...args: string[]): Promise<string> {
  return (await run(process.execPath, [path.join(ROOT, `scripts/${name}.mjs`), ...args])).stdout;
}
const dataOf = ({ at }: Place) => path.join(at.directory, 'data');
const copyOf = ({ at, site }: Place) => path.join(at.directory, `copy-of-${site}`);
const backUp = (place: Place) =>
  command('backup', '--site', place.site, '--to', copyOf(place), '--data', dataOf(place));

/** The site's disk is gone, and with it everything but the copy. */
async function loseAndRestore(place: Place): Promise<void> {
  await place.at.killAll();
  renameSync(path.join(dataOf(place), place.site), path.join(place.at.directory, `lost-${place.site}`));
  const said = await command('restore', '--from', copyOf(place), '--to', dataOf(place));
  expect(said).toMatch(new RegExp(`^Restored ${place.site}: \\d+ files`, 'm'));
  await place.at.restart();
}

const linkState = async () => (await alpha.at.api<Link>('/api/sites/alpha/link')).inbound;
const statusAt = async (place: Place) => new Map((await assetsAt(place)).map(({ title, status }) => [title, status]));
/** Everything that is known now has come to rest. */
const settled = () => expectSettled({ hq, edges: [alpha], digests, asked: new Map([['alpha', asked]]) });

describe('a site that is copied while it works', () => {
  it(
    'HQ: what was acknowledged before the copy is there again, and goes on',
    async () => {
      publish(6);
      await until('alpha lists them', async () => (await assetsAt(alpha)).length === 6, SETTLE_TIMEOUT_MS);
      await ask(2);
      await settled();
      const before = [...(await statusAt(hq)).keys()];
      const requestsBefore = (await requestsAt(hq)).map(({ id }) => id);

      await underLoad(async () => expect(await backUp(hq)).toMatch(/^Copied hq: \d+ files/m));

      // Alpha gets further than the copy: announced, asked and delivered by an HQ that will not remember it.
      publish(4);
      await until(
        'alpha lists what came after the copy',
        async () => (await assetsAt(alpha)).length === digests.size,
        SETTLE_TIMEOUT_MS,
      );
      await ask(2);
      await settled();
      const delivered = (await assetsAt(alpha)).filter(({ status }) => status === 'delivered').map(({ id }) => id);

      await loseAndRestore(hq);
      const rows = await assetsAt(hq);
      expect(before.filter((title) => !rows.some((row) => row.title === title))).toEqual([]);
      const requests = (await requestsAt(hq)).map(({ id }) => id);
      expect(requestsBefore.filter((id) => !requests.includes(id))).toEqual([]);
      // Tables and volumes agree: what a row says was downloaded is in the volume, as the feed served it.
      for (const { id, title } of rows.filter(({ status }) => status === 'broadcast'))
        expect([title, await digestAt(hq, id)]).toEqual([title, digests.get(title)]);

      await until('the link of alpha stops', async () => (await linkState()).state === 'failed', SETTLE_TIMEOUT_MS);
      expect((await linkState()).lastError).toMatch(/bring its topics anew/);
      await alpha.at.api('/api/sites/alpha/link', { method: 'PUT', body: { mode: 'up', anew: true } });
      await until('it goes on', async () => (await linkState()).state === 'up', SETTLE_TIMEOUT_MS);

      publish(3);
      await until(
        'alpha lists what is new',
        async () => (await assetsAt(alpha)).length === digests.size,
        SETTLE_TIMEOUT_MS,
      );
      await ask(2);
      await settled();
      // What alpha had, it has still.
      const now = await assetsAt(alpha);
      expect(delivered.filter((id) => now.find((asset) => asset.id === id)?.status !== 'delivered')).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'an edge: it takes back what HQ has of it, and goes on by itself',
    async () => {
      await underLoad(async () => expect(await backUp(alpha)).toMatch(/^Copied alpha: \d+ files/m));
      await ask(2);
      await settled();
      const known = [...(await statusAt(alpha)).keys()];
      const made = (await requestsAt(alpha)).map(({ id }) => id);

      await loseAndRestore(alpha);
      await until('the link is up', async () => (await linkState()).state === 'up', SETTLE_TIMEOUT_MS);
      publish(2);
      await until(
        'alpha lists everything',
        async () => (await assetsAt(alpha)).length === digests.size,
        SETTLE_TIMEOUT_MS,
      );
      const titles = await statusAt(alpha);
      expect(known.filter((title) => !titles.has(title))).toEqual([]);
      await ask(2);
      await settled();
      // No request of the lost part is lost or made again.
      const again = (await requestsAt(alpha)).map(({ id }) => id);
      expect(made.filter((id) => !again.includes(id))).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );
});
