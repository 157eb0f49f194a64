import type { AssetDetail, AssetPage, AssetQuery } from '@/lib/api/schemas';
import { TABLES } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import type { JsonDocument } from '@/lib/ports';
import type { Runtime, SiteRuntime } from '../contract';
import { isoTime } from '../rows';
import { toAssetDetail, toAssetSummary } from '../views';
import { cursorBehind, filterOf, pageOf, statusesOf } from './asset-query';
import { siteOf } from './lookup';

/** More requests of one asset than this are not shown with it. */
const EDGES_PER_ASSET_MAX = 1000;

/** Where assets rest: most rows have this status. */
const RESTING_STATUS = { hq: 'broadcast', edge: 'available' } as const;

/** One page of a site's assets. Fails with NOT_FOUND, REQUEST_INVALID (status, cursor), UNAVAILABLE. */
export async function listAssets(runtime: Runtime, siteId: string, query: AssetQuery): Promise<AssetPage> {
  const site = siteOf(runtime, siteId);
  const { tables } = site.ports;
  const [rows, counts] = await Promise.all([tables.find(TABLES.assets, pageOf(site.role, query)), statusCounts(site)]);
  const isLast = rows.length <= query.limit;
  const shown = rows.slice(0, query.limit);
  return {
    assets: shown.map((row) => toAssetSummary(site.id, site.role, row)),
    nextCursor: isLast ? null : cursorBehind(query, shown[shown.length - 1]!),
    total: isLast && !query.cursor ? rows.length : await totalOf(site, query, counts),
    counts,
    asOf: isoTime(runtime.clock.now()),
  };
}

/** Rows that the filter fits. A search reads every row, so it is not made twice for a list that fits one page. */
async function totalOf(site: SiteRuntime, query: AssetQuery, counts: Record<string, number>): Promise<number> {
  const filter = filterOf(site.role, query);
  if (filter) return site.ports.tables.count(TABLES.assets, filter);
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/**
 * Rows per status; every status of the role is there. The resting one is what the others leave of all: counting nearly all rows by an
 * index costs ten times as much as counting the table. Rows that change meanwhile make it inexact for a moment, never negative.
 */
export async function statusCounts(site: SiteRuntime): Promise<Record<string, number>> {
  const { tables } = site.ports;
  const resting = RESTING_STATUS[site.role];
  const others = statusesOf(site.role).filter((status) => status !== resting);
  const [all, ...found] = await Promise.all([
    tables.count(TABLES.assets),
    ...others.map((status) => tables.count(TABLES.assets, { $eq: { status } })),
  ]);
  const counted = new Map(others.map((status, index) => [status, found[index]!]));
  counted.set(resting, Math.max(0, all - found.reduce((sum, count) => sum + count, 0)));
  return Object.fromEntries(statusesOf(site.role).map((status) => [status, counted.get(status)!]));
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
