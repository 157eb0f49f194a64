import type { RequestInfo } from '@/lib/api/schemas';
import type { SiteRole } from '@/lib/domain/services';
import type { JsonDocument } from '@/lib/ports';
import { EdgeAssetRow, HqRequestRow } from '../rows';

/**
 * A request as the API shows it: at HQ from a row of table `requests`, at an edge from the asset's row, which holds its one request.
 * Null for an edge row that was never requested.
 */
export function toRequestInfo(site: string, role: SiteRole, document: JsonDocument): RequestInfo | null {
  return role === 'hq'
    ? hqRequestInfo(HqRequestRow.parse(document))
    : edgeRequestInfo(site, EdgeAssetRow.parse(document));
}

export function hqRequestInfo(row: HqRequestRow): RequestInfo {
  return {
    id: row._id,
    assetId: row.assetId,
    edge: row.edge,
    status: row.status,
    reason: row.reason,
    title: row.title,
    bytes: row.bytes,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

export function edgeRequestInfo(site: string, row: EdgeAssetRow): RequestInfo | null {
  if (row.requestId === null) return null;
  return {
    id: row.requestId,
    assetId: row._id,
    edge: site,
    status: row.status,
    reason: row.reason,
    title: row.asset.title,
    bytes: row.file?.bytes ?? null,
    createdAt: row.requestedAt ?? row.createdAt,
    updatedAt: row.updatedAt,
  };
}
