import type { AssetDetail, AssetPage, AssetQuery } from '@/lib/api/schemas';
import { TABLES } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import type { JsonDocument } from '@/lib/ports';
import type { Runtime, SiteRuntime } from '../contract';
import { EdgeAssetRow, HqAssetRow, isoTime } from '../rows';
import { toAssetDetail, toAssetSummary } from '../views';
import { cursorBehind, filterOf, pageOf, statusesOf } from './asset-query';
import { siteOf } from './lookup';

/** More requests of one asset than this are not shown with it. */
const EDGES_PER_ASSET_MAX = 1000;

/** A list needs everything of a row but its history. */
export const LIST_FIELDS = {
  hq: Object.keys(HqAssetRow.shape).filter((field) => field !== 'timeline'),
  edge: Object.keys(EdgeAssetRow.shape).filter((field) => field !== 'timeline'),
};

/** One page of a site's assets. Fails with NOT_FOUND, REQUEST_INVALID (status, cursor), UNAVAILABLE. */
export async function listAssets(runtime: Runtime, siteId: string, query: AssetQuery): Promise<AssetPage> {
  const site = siteOf(runtime, siteId);
  const page = pageOf(site.role, query);
  const filter = filterOf(site.role, query);
  const { tables } = site.ports;
  const [rows, counts, filtered] = await Promise.all([
    tables.find(TABLES.assets, { ...page, fields: LIST_FIELDS[site.role] }),
    statusCounts(site),
    filter ? tables.count(TABLES.assets, filter) : null,
  ]);
  const shown = rows.slice(0, query.limit);
  return {
    assets: shown.map((row) => toAssetSummary(site.id, site.role, row)),
    nextCursor: rows.length > query.limit ? cursorBehind(query, shown[shown.length - 1]!) : null,
    total: filtered ?? Object.values(counts).reduce((sum, count) => sum + count, 0),
    counts,
    asOf: isoTime(runtime.clock.now()),
  };
}

/** Rows per status; every status of the role is there. */
export async function statusCounts(site: SiteRuntime): Promise<Record<string, number>> {
  const entries = statusesOf(site.role).map(
    async (status) => [status, await site.ports.tables.count(TABLES.assets, { $eq: { status } })] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** One asset with its history, and at HQ what the edges want of it. Fails with NOT_FOUND, UNAVAILABLE. */
export async function getAsset(runtime: Runtime, siteId: string, id: string): Promise<AssetDetail> {
  const site = siteOf(runtime, siteId);
  const [row, requests] = await Promise.all([
    assetRowOf(site, id),
    site.role === 'hq'
      ? site.ports.tables.find(TABLES.requests, { condition: { $eq: { assetId: id } }, limit: EDGES_PER_ASSET_MAX })
      : [],
  ]);
  return toAssetDetail(site.id, site.role, row, requests);
}

/** The row of an asset. Fails with NOT_FOUND, UNAVAILABLE. */
export async function assetRowOf(site: SiteRuntime, id: string): Promise<JsonDocument> {
  const row = await site.ports.tables.get(TABLES.assets, id);
  if (!row) throw new FieldlineError('NOT_FOUND', `Site "${site.id}" knows of no asset "${id}"`);
  return row;
}
