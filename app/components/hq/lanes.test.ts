import { expect, it } from 'vitest';
import { anAsset, at } from '@/lib/queries/testing/fixtures';
import { laneAssets } from './lanes';

const assets = [
  anAsset('old', { status: 'broadcast', createdAt: at(0) }),
  anAsset('mid', { status: 'downloading', createdAt: at(1) }),
  anAsset('bad', { status: 'failed', createdAt: at(2) }),
  anAsset('new', { status: 'announced', createdAt: at(3) }),
];
const lane = (id: Parameters<typeof laneAssets>[0], most = 10) => laneAssets(id, assets, most).map((asset) => asset.id);

it('keeps an asset in every lane it has passed, newest first', () => {
  expect(lane('feed-ingest')).toEqual(['new', 'bad', 'mid', 'old']);
  expect(lane('downloader')).toEqual(['bad', 'mid', 'old']);
  expect(lane('broadcaster')).toEqual(['old']);
});
it('keeps a lane short', () => {
  expect(lane('feed-ingest', 2)).toEqual(['new', 'bad']);
});
