import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { assetPath } from '@/lib/domain/asset';
import { AssetFeedMessage, encodeMessage } from '@/lib/domain/messages';
import { TABLES, TOPICS, VOLUMES } from '@/lib/domain/naming';
import type { OpenAssetDownload } from '@/lib/download/types';
import { FieldlineError } from '@/lib/errors';
import { formatBytes } from '@/lib/format';
import type { MakePreviews } from '@/lib/media/types';
import { announcedRow, HqAssetRow, previewPath, toDocument } from '../rows';
import { ManualClock } from '../testing/manual-clock';
import { contentOf, loaded, messagesOf, sampleAsset, sampleDownloads, sampleFile } from '../testing/samples';
import { createTestFabrics, type ServiceProcess } from '../testing/service-harness';
import { createDownloader } from './definition';
import { ATTEMPTS_MAX } from './job';
import { retryAsset } from './retry';

const previews: MakePreviews = async () => ({
  preview: Buffer.from('preview'),
  tiny: 'data:image/webp;base64,AAAA',
  width: 640,
  height: 320,
});
const service = (openDownload: OpenAssetDownload, makePreviews = previews) =>
  createDownloader({ openDownload, makePreviews, loadFeeds: async () => loaded() });

let open: ServiceProcess[] = [];
afterEach(async () => {
  await Promise.all(open.map((process) => process.stop()));
  open = [];
});
async function begin(fabrics = createTestFabrics()) {
  const process = await fabrics.process('hq');
  open.push(process);
  return { fabrics, process };
}
async function announce(process: ServiceProcess, id: string, link: string | null = `http://feed.example/${id}.jpg`) {
  const row = { ...announcedRow(sampleAsset(id), link === null ? {} : { link }, 0), outbox: null };
  await process.ports.tables.insert(TABLES.assets, toDocument(row));
  const { asset } = row;
  await process.ports.streams.produce(TOPICS.assetFeed, [
    {
      key: id,
      value: encodeMessage(AssetFeedMessage, {
        type: 'asset.feed',
        at: row.createdAt,
        asset,
        ...(link === null ? {} : { link }),
      }),
    },
  ]);
}
const rowOf = async (process: ServiceProcess, id: string) =>
  HqAssetRow.parse(await process.ports.tables.get(TABLES.assets, id));
const announced = (process: ServiceProcess) => messagesOf(process.ports, TOPICS.assetDownloaded);

describe('the downloader', () => {
  it('brings the file and its preview into the volume, and announces it', async () => {
    const { process } = await begin();
    await process.start(service(sampleDownloads().open));
    await announce(process, 'a');
    await expect.poll(() => announced(process)).toHaveLength(1);
    const file = { ...sampleFile('a'), width: 640, height: 320 };
    expect(await rowOf(process, 'a')).toMatchObject({ status: 'downloaded', file, hasPreview: true, outbox: null });
    expect((await rowOf(process, 'a')).timeline.at(-1)).toMatchObject({
      what: 'downloaded',
      detail: formatBytes(file.bytes),
    });
    expect((await announced(process))[0]).toMatchObject({ type: 'asset.downloaded', asset: sampleAsset('a'), file });
    expect(await process.ports.volumes.stat(VOLUMES.assets, assetPath('a', 'a.jpg'))).toMatchObject({
      bytes: contentOf('a').length,
    });
    expect(await process.ports.volumes.stat(VOLUMES.assets, previewPath('a'))).not.toBeNull();
    expect(process.reported.processed).toBe(1);
  });

  it('does without a preview where none can be made', async () => {
    const { process } = await begin();
    await process.start(service(sampleDownloads().open, async () => null));
    await announce(process, 'a');
    await expect.poll(() => announced(process)).toHaveLength(1);
    expect(await rowOf(process, 'a')).toMatchObject({ status: 'downloaded', hasPreview: false });
  });

  it('fails what has no link at once, with the reason, and lets an operator try again', async () => {
    const { process } = await begin();
    const instance = await process.start(service(sampleDownloads().open));
    await announce(process, 'a', null);
    await expect.poll(() => rowOf(process, 'a')).toMatchObject({ status: 'failed', code: 'ASSET_NO_LINK' });
    expect((await rowOf(process, 'a')).attempts).toBe(1);
    expect(process.reported.failed).toEqual(['ASSET_NO_LINK']);

    const context = process.context();
    const site = { id: 'hq', ports: process.ports };
    await retryAsset(site, context, 'a', 'operator');
    instance.wake?.('retry');
    await expect.poll(() => process.reported.failed).toHaveLength(2);
    await expect(retryAsset(site, context, 'no-such', 'operator')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await announce(process, 'b');
    await expect.poll(() => announced(process)).toHaveLength(1);
    await expect(retryAsset(site, context, 'b', 'operator')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('tries a passing failure again, with pauses, and then gives up', async () => {
    const clock = new ManualClock();
    const { process } = await begin(createTestFabrics({ clock }));
    const error = new FieldlineError('ASSET_TIMEOUT', 'No byte for 30 s');
    const downloads = sampleDownloads(
      new Map([
        ['a', { error, times: 2 }],
        ['b', { error, times: 99 }],
      ]),
    );
    await process.start(service(downloads.open));
    await announce(process, 'a');
    await announce(process, 'b');
    await clock.advance(1000);
    expect(await rowOf(process, 'a')).toMatchObject({ status: 'announced', reason: 'No byte for 30 s', attempts: 1 });
    await clock.advance(120_000);
    expect(await rowOf(process, 'a')).toMatchObject({ status: 'downloaded', reason: null });
    expect(await rowOf(process, 'b')).toMatchObject({
      status: 'failed',
      code: 'ASSET_TIMEOUT',
      attempts: ATTEMPTS_MAX,
    });
    expect(downloads.asked.filter((name) => name === 'b')).toHaveLength(ATTEMPTS_MAX);
  });

  it('is not held up by links that hang: others are brought beside them', async () => {
    const { process } = await begin(createTestFabrics({ limits: { downloadsMax: 2 } }));
    const { open: openOthers } = sampleDownloads();
    const hanging: OpenAssetDownload = (link, options) =>
      link?.includes('hang')
        ? new Promise((_, reject) => options.signal.addEventListener('abort', () => reject(options.signal.reason)))
        : openOthers(link, options);
    await process.start(service(hanging));
    await announce(process, 'hang-1');
    await expect.poll(async () => (await rowOf(process, 'hang-1')).status).toBe('downloading');
    for (const id of ['a', 'b', 'c']) await announce(process, id);
    await expect.poll(() => announced(process)).toHaveLength(3);
    expect((await rowOf(process, 'hang-1')).status).toBe('downloading');
  });

  it('keeps half of the places for what is new', async () => {
    const { process } = await begin(createTestFabrics({ limits: { downloadsMax: 2 } }));
    for (const id of ['old-1', 'old-2', 'old-3']) {
      const row = { ...announcedRow(sampleAsset(id), { link: `http://x/${id}.jpg` }, 0), attempts: 1, outbox: null };
      await process.ports.tables.insert(TABLES.assets, toDocument(row));
    }
    const started: string[] = [];
    await process.start(
      service((link, options) => {
        started.push(link ?? '');
        return new Promise((_, reject) =>
          options.signal.addEventListener('abort', () => reject(options.signal.reason)),
        );
      }),
    );
    await expect.poll(() => started).toEqual(['http://x/old-1.jpg']);
    await announce(process, 'new-1');
    await expect.poll(() => started).toEqual(['http://x/old-1.jpg', 'http://feed.example/new-1.jpg']);
  });

  it('reports the error of the source, not of the upload that broke off', async () => {
    const { process } = await begin();
    const broken: OpenAssetDownload = async () => ({
      mediaType: 'image/jpeg',
      fileName: 'a.jpg',
      contentLength: null,
      stream: Readable.from(
        (async function* () {
          yield Buffer.from('some bytes');
          throw new FieldlineError('ASSET_TOO_LARGE', 'More than 512 MB');
        })(),
        { objectMode: false },
      ),
    });
    await process.start(service(broken));
    await announce(process, 'a');
    await expect.poll(() => rowOf(process, 'a')).toMatchObject({ status: 'failed', code: 'ASSET_TOO_LARGE' });
    expect(await process.ports.volumes.list(VOLUMES.assets)).toEqual([]);
  });

  it.each([
    new FieldlineError('DISK_FULL', 'The disk of hq is full'),
    new FieldlineError('AUTH_FAILED', 'The key is not accepted'),
    new FieldlineError('FORBIDDEN', 'The bucket may not be written'),
  ])('puts off what the fabric can not take ($code), says so, counts it, and finishes it later', async (full) => {
    const clock = new ManualClock();
    const { process } = await begin(createTestFabrics({ clock }));
    process.faults.plan({ operation: 'volumes.put', times: 3, effect: full });
    await process.start(service(sampleDownloads().open));
    await announce(process, 'a');
    await clock.advance(500);
    expect(process.reported.degraded.get('storing')).toBe(full.message);
    await clock.advance(60_000);
    expect(await rowOf(process, 'a')).toMatchObject({ status: 'downloaded', reason: null });
    expect(process.reported.failed).toEqual([full.code, full.code, full.code]);
    expect(process.reported.degraded.size).toBe(0);
  });

  it('puts off a row that others keep changing under its hand, says so, counts it, and finishes it later', async () => {
    const clock = new ManualClock();
    const { process } = await begin(createTestFabrics({ clock }));
    const { tables } = process.ports;
    const update = tables.update.bind(tables);
    let others = 10;
    tables.update = async (table, id, mutation, condition) => {
      if (condition && others-- > 0) await update(table, id, { $increment: { rev: 1 } });
      return update(table, id, mutation, condition);
    };
    await process.start(service(sampleDownloads().open));
    await announce(process, 'a');
    await clock.advance(500);
    expect(process.reported.degraded.get('storing')).toMatch(/^The row a of assets keeps changing/);
    expect(process.reported.failed).toEqual(['CONFLICT']);
    await clock.advance(60_000);
    expect((await rowOf(process, 'a')).status).toBe('downloaded');
    expect(process.reported.degraded.size).toBe(0);
    expect(await announced(process)).toHaveLength(1);
  });

  it('does not let the preview take the name of the file', async () => {
    const { process } = await begin();
    const named: OpenAssetDownload = async () => ({
      mediaType: 'image/webp',
      fileName: 'preview.webp',
      contentLength: null,
      stream: Readable.from([Buffer.from('original')], { objectMode: false }),
    });
    await process.start(service(named));
    await announce(process, 'a');
    await expect.poll(() => announced(process)).toHaveLength(1);
    const { file } = await rowOf(process, 'a');
    const content = await process.ports.volumes.get(VOLUMES.assets, assetPath('a', file!.fileName));
    expect(String(await content!.stream.toArray())).toBe('original');
  });
});

describe('the downloader, killed', () => {
  async function killedAt(plan: Parameters<ServiceProcess['faults']['plan']>[0]) {
    const { fabrics, process } = await begin();
    process.faults.plan(plan);
    await process.start(service(sampleDownloads().open));
    await announce(process, 'a');
    await expect.poll(() => process.faults.killed).toBe(true);
    process.kill();
    return (await begin(fabrics)).process;
  }
  const finished = async (process: ServiceProcess) => {
    await process.start(service(sampleDownloads().open));
    await expect.poll(() => rowOf(process, 'a')).toMatchObject({ status: 'downloaded', outbox: null });
    return announced(process);
  };

  it('between taking the message and the download: the row is the work list', async () => {
    const next = await killedAt({ operation: 'tables.insertMany', when: 'after', effect: 'kill' });
    expect(await finished(next)).toHaveLength(1);
  });

  it('between the file and the row: it is downloaded again', async () => {
    const next = await killedAt({ operation: 'volumes.put', when: 'after', effect: 'kill' });
    expect((await rowOf(next, 'a')).status).toBe('downloading');
    expect(await finished(next)).toHaveLength(1);
  });

  it('between the row and the announcement: the row owes it', async () => {
    const next = await killedAt({ operation: 'streams.produce', target: 'ASSET_DOWNLOADED', effect: 'kill' });
    expect(await rowOf(next, 'a')).toMatchObject({ status: 'downloaded', outbox: 'ASSET_DOWNLOADED' });
    expect(await finished(next)).toHaveLength(1);
  });

  it('behind the announcement: it is announced again', async () => {
    const plan = { operation: 'streams.produce', target: 'ASSET_DOWNLOADED', when: 'after', effect: 'kill' } as const;
    const next = await killedAt(plan);
    expect(await finished(next)).toHaveLength(2);
  });
});
