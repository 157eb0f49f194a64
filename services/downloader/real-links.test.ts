/** Feed ingest and downloader with the real feeds, downloads and previews, against a server that misbehaves. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { assetPath } from '@/lib/domain/asset';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import { openAssetDownload } from '@/lib/download';
import { loadFeeds } from '@/lib/feeds';
import { makePreviews } from '@/lib/media';
import { createFeedIngest } from '../feed-ingest/definition';
import { HqAssetRow, previewPath } from '../rows';
import { createTestFabrics, type ServiceProcess } from '../testing/service-harness';
import { createDownloader } from './definition';

const IDLE_MS_MAX = 300;
const BYTES_MAX = 200_000;
const items = ['good', 'missing', 'html', 'large', 'hang', 'good-too'].map((id) => ({
  id,
  title: id,
  kind: 'image',
  link: `${id}.jpg`,
}));

let server: Server;
let directory: string;
let process: ServiceProcess;
let picture: Buffer;
beforeEach(async () => {
  const create = { width: 800, height: 600, channels: 3 as const, background: { r: 20, g: 90, b: 160 } };
  picture = await sharp({ create }).jpeg().toBuffer();
  server = createServer((request, response) => {
    const name = request.url?.slice(1).replace('.jpg', '') ?? '';
    if (name === 'feed.json')
      response.end(JSON.stringify({ items: [...items, { id: 'no-link', title: 'No link', kind: 'image' }] }));
    else if (name.startsWith('good')) response.end(picture);
    else if (name === 'html') response.end('<!doctype html><html><body>Please sign in</body></html>');
    else if (name === 'large') response.end(Buffer.concat([picture, Buffer.alloc(BYTES_MAX)]));
    else if (name === 'missing') response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  directory = await mkdtemp(path.join(tmpdir(), 'fieldline-links-'));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed.json`;
  await writeFile(path.join(directory, 'feed.json'), JSON.stringify({ id: 'survey', kind: 'json', url }));
});
afterEach(async () => {
  await process.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

it('brings the good ones and fails each of the others with its reason', async () => {
  const fabrics = createTestFabrics({ limits: { downloadIdleMsMax: IDLE_MS_MAX, assetBytesMax: BYTES_MAX } });
  process = await fabrics.process('hq');
  const load: typeof loadFeeds = (_paths, context) => loadFeeds([directory], context);
  await process.start(createFeedIngest(load));
  await process.start(createDownloader({ openDownload: openAssetDownload, makePreviews, loadFeeds: load }));

  const outcome = async () => {
    const rows = (await process.ports.tables.find(TABLES.assets)).map((document) => HqAssetRow.parse(document));
    return Object.fromEntries(rows.map((row) => [row.asset.sourceId, row.code ?? row.status]));
  };
  await expect.poll(outcome, { timeout: 20_000 }).toEqual({
    good: 'downloaded',
    'good-too': 'downloaded',
    missing: 'ASSET_HTTP_STATUS',
    html: 'ASSET_WRONG_TYPE',
    large: 'ASSET_TOO_LARGE',
    hang: 'ASSET_TIMEOUT',
    'no-link': 'ASSET_NO_LINK',
  });
  const documents = await process.ports.tables.find(TABLES.assets, {
    condition: { $eq: { 'asset.sourceId': 'good' } },
  });
  const row = HqAssetRow.parse(documents[0]);
  expect(row).toMatchObject({ hasPreview: true, file: { width: 800, height: 600, bytes: picture.length } });
  expect(row.file?.tinyPreview).toMatch(/^data:image\/webp;base64,/);
  const { volumes } = process.ports;
  expect(await volumes.stat(VOLUMES.assets, assetPath(row._id, row.file!.fileName))).not.toBeNull();
  expect(await volumes.stat(VOLUMES.assets, previewPath(row._id))).not.toBeNull();
  // Of what failed nothing lies about.
  expect(await volumes.list(VOLUMES.assets)).toHaveLength(4);
});
