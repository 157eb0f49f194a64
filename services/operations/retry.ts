import type { AssetSummary } from '@/lib/api/schemas';
import type { Runtime } from '../contract';
import { retryAsset as retry } from '../downloader/retry';
import { assertNotMoving, hqOf } from './lookup';

/** Orders a failed asset of HQ to be downloaded again. Fails with NOT_FOUND, CONFLICT when it has not failed, UNAVAILABLE. */
export async function retryAsset(runtime: Runtime, siteId: string, assetId: string): Promise<AssetSummary> {
  const hq = hqOf(runtime, siteId);
  assertNotMoving(runtime, siteId);
  const asset = await retry(hq, runtime, assetId, 'operator');
  hq.supervisor.wake('downloader', 'tried again');
  return asset;
}
