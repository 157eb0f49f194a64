import { afterEach, describe, expect, it } from 'vitest';
import { TABLES, TOPICS } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import type { FeedEntry, LoadedFeeds } from '@/lib/feeds/types';
import { HqAssetRow } from '../rows';
import { ManualClock } from '../testing/manual-clock';
import { entry, loaded, messagesOf, sampleFeed, sampleItem } from '../testing/samples';
import { createTestFabrics, type ServiceProcess } from '../testing/service-harness';
import { assetIdOf } from './asset-id';
import { createFeedIngest, feedContextOf } from './definition';

let open: ServiceProcess[] = [];
afterEach(async () => {
  await Promise.all(open.map((process) => process.stop()));
  open = [];
});
async function begin(fabrics = createTestFabrics({ clock: new ManualClock() })) {
  const process = await fabrics.process('hq');
  open.push(process);
  return { fabrics, process };
}
const service = (feeds: LoadedFeeds) => createFeedIngest(async () => feeds);
const rows = async (process: ServiceProcess) =>
  (await process.ports.tables.find(TABLES.assets)).map((document) => HqAssetRow.parse(document));
const announced = async (process: ServiceProcess) =>
  (await messagesOf(process.ports, TOPICS.assetFeed)).map(
    (message) => (message.asset as { sourceId: string }).sourceId,
  );
const MINUTE_MS = 60_000;

describe('feed ingest', () => {
  it('takes in what a feed names, once, also over polls and restarts', async () => {
    const clock = new ManualClock();
    const fabrics = createTestFabrics({ clock });
    const { process } = await begin(fabrics);
    const items: FeedEntry[] = [entry(sampleItem('one')), entry(sampleItem('two'))];
    await process.start(service(loaded(sampleFeed('test', () => items))));
    await clock.advance(0);
    expect(await announced(process)).toEqual(['one', 'two']);
    expect(await rows(process)).toEqual([
      expect.objectContaining({ status: 'announced', outbox: null }),
      expect.objectContaining({ status: 'announced', outbox: null }),
    ]);
    items.push(entry(sampleItem('one', { contentKey: '2' })));
    await clock.advance(MINUTE_MS);
    expect(await announced(process)).toEqual(['one', 'two', 'one']);
    await process.stop();

    const { process: next } = await begin(fabrics);
    await next.start(service(loaded(sampleFeed('test', () => items))));
    await clock.advance(0);
    expect(await announced(next)).toHaveLength(3);
    expect(next.reported.processed).toBe(0);
  });

  it('gives an item the same id for ever', () => {
    expect(assetIdOf('test', { sourceId: 'one', contentKey: '1' })).toBe('test-a51a6c97d13623535dab');
    expect(assetIdOf('test', { sourceId: 'one', contentKey: '2' })).not.toBe(
      assetIdOf('test', { sourceId: 'one', contentKey: '1' }),
    );
    expect(assetIdOf('test', { sourceId: 'a', contentKey: 'b' })).not.toBe(
      assetIdOf('test', { sourceId: 'ab', contentKey: '' }),
    );
  });

  it('announces after a crash between the row and the message', async () => {
    const { fabrics, process } = await begin(createTestFabrics());
    const feeds = loaded(sampleFeed('test', () => [entry(sampleItem('one'))]));
    process.faults.plan({ operation: 'tables.insertMany', when: 'after', effect: 'kill' });
    await process.start(service(feeds));
    await expect.poll(() => process.faults.killed).toBe(true);
    process.kill();

    const { process: next } = await begin(fabrics);
    expect(await rows(next)).toEqual([expect.objectContaining({ outbox: 'ASSET_FEED' })]);
    expect(await announced(next)).toEqual([]);
    await next.start(service(feeds));
    await expect.poll(() => announced(next)).toEqual(['one']);
    await expect.poll(async () => (await rows(next))[0]?.outbox).toBeNull();
  });

  it('lets one bad item harm no other, and counts it once', async () => {
    const clock = new ManualClock();
    const { process } = await begin(createTestFabrics({ clock }));
    const items: FeedEntry[] = [
      { ok: false, error: new FieldlineError('FEED_INVALID', 'Feed test, entry 1: no title') },
      entry(sampleItem('x'.repeat(300))),
      entry(sampleItem('good')),
    ];
    await process.start(service(loaded(sampleFeed('test', () => items))));
    await clock.advance(5 * MINUTE_MS);
    expect(await announced(process)).toEqual(['good']);
    expect(process.reported.failed).toEqual(['FEED_INVALID', 'FEED_INVALID']);
  });

  it('lets one bad feed harm no other, names it, and comes back to it', async () => {
    const clock = new ManualClock();
    const { process } = await begin(createTestFabrics({ clock }));
    let broken = true;
    const bad = sampleFeed('bad', () => {
      if (broken) throw new FieldlineError('FEED_UNAVAILABLE', 'Feed bad can not be read: http://bad answers 503');
      return [entry(sampleItem('late'))];
    });
    await process.start(
      service(
        loaded(
          bad,
          sampleFeed('good', () => [entry(sampleItem('one'))]),
        ),
      ),
    );
    await clock.advance(10);
    expect(await announced(process)).toEqual(['one']);
    expect([...process.reported.degraded.values()]).toEqual(['Feed bad can not be read: http://bad answers 503']);
    broken = false;
    await clock.advance(MINUTE_MS);
    expect(await announced(process)).toEqual(['one', 'late']);
    expect(process.reported.degraded.size).toBe(0);
  });

  it('soon notices that a feed is back which was away for hours', async () => {
    const clock = new ManualClock();
    const { process } = await begin(createTestFabrics({ clock }));
    let away = true;
    const feed = sampleFeed('far', () => {
      if (away) throw new FieldlineError('FEED_UNAVAILABLE', 'Feed far can not be read');
      return [entry(sampleItem('late'))];
    });
    await process.start(service(loaded(feed)));
    for (let minute = 0; minute < 120; minute++) await clock.advance(MINUTE_MS);
    away = false;
    await clock.advance(MINUTE_MS);
    expect(await announced(process)).toEqual(['late']);
  });

  it('stops at the number of items that the feed may bring', async () => {
    const clock = new ManualClock();
    const fabrics = createTestFabrics({ clock });
    const { process } = await begin(fabrics);
    const items = ['one', 'two', 'three'].map((id) => entry(sampleItem(id)));
    const feeds = () => loaded(sampleFeed('test', () => items, { itemsMax: 4 }));
    await process.start(service(feeds()));
    await clock.advance(0);
    items.push(entry(sampleItem('four')), entry(sampleItem('five')));
    await clock.advance(MINUTE_MS);
    expect(await rows(process)).toHaveLength(4);
    await process.stop();
    const { process: next } = await begin(fabrics);
    await next.start(service(feeds()));
    await clock.advance(MINUTE_MS);
    expect(await rows(next)).toHaveLength(4);
  });

  it('shows definitions that are wrong', async () => {
    const { process } = await begin();
    const problem = new FieldlineError('FEED_INVALID', 'feeds/x.json: url: not an address');
    await process.start(service({ feeds: [], skipped: [], problems: [problem] }));
    expect(process.reported.degraded.get('definitions')).toContain('feeds/x.json');
  });
});

describe('the base of app: addresses', () => {
  const context = (host: string, demo = true) => {
    const { config } = createTestFabrics();
    return feedContextOf({ config: { ...config, demo, app: { host, port: 3000 } } }).appBaseUrl;
  };
  it('is where the app answers, and none outside a demonstration', () => {
    expect(context('127.0.0.1')).toBe('http://127.0.0.1:3000');
    expect(context('0.0.0.0')).toBe('http://127.0.0.1:3000');
    expect(context('fd00::1')).toBe('http://[fd00::1]:3000');
    expect(context('127.0.0.1', false)).toBeNull();
  });
});
