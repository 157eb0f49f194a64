/** HQ and two edges as three separate installations: the same build is HQ on one machine and an edge on another. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectEachGetsWhatItAskedFor, expectKnownAtHq } from './support/edges';
import { type FeedServer, startFeedServer } from './support/feed-server';
import { Installation } from './support/installation';
import { assetsAt, type Place } from './support/settled';

const ASSETS = 12;
let feed: FeedServer;
let installations: Installation[];
let hq: Place;
let alpha: Place;
let bravo: Place;

beforeAll(async () => {
  installations = [];
  feed = await startFeedServer();
  for (let n = 0; n < ASSETS; n++) feed.publish(`Scene ${n}`);
  const start = async (site: string, upstream?: string): Promise<Place> => {
    const at = await Installation.start({ sites: [site], ...(upstream ? { upstream } : { feeds: [feed.definition] }) });
    installations.push(at);
    return { at, site };
  };
  hq = await start('hq');
  const { kafkaPort, restPort } = hq.at.doors.hq!;
  alpha = await start('alpha', `127.0.0.1:${restPort}`);
  // The Kafka door is as good an address as the REST door.
  bravo = await start('bravo', `127.0.0.1:${kafkaPort}`);
}, 240_000);

afterAll(async () => {
  for (const installation of installations.reverse()) await installation.stop();
  await feed?.close();
}, 60_000);

/** Digests of the files in an edge's mirror volume, as its fabric lists them. */
async function mirrored({ at, site }: Place): Promise<string[]> {
  const { restPort } = at.doors[site]!;
  const response = await fetch(`http://127.0.0.1:${restPort}/files/missionx/inbound/?list=json&recursive=true`);
  const { entries } = (await response.json()) as { entries: { sha256: string }[] };
  return entries.map((file) => file.sha256).toSorted();
}

describe('three installations', () => {
  it('each edge lists all that HQ announced, and ends up with exactly what it asked for', async () => {
    await expectEachGetsWhatItAskedFor({ hq, alpha, bravo }, ASSETS);
    for (const edge of [alpha, bravo]) {
      const delivered = (await assetsAt(edge)).filter((asset) => asset.status === 'delivered');
      expect(await mirrored(edge)).toEqual(delivered.map((asset) => asset.sha256).toSorted());
    }
  }, 240_000);

  it('HQ sees both edges and when their links last reported, without dialling them', () =>
    expectKnownAtHq(hq, [alpha, bravo]));
});
