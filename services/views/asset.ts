import type { AssetDetail, AssetSummary } from '@/lib/api/schemas';
import type { SiteRole } from '@/lib/domain/services';
import type { JsonDocument } from '@/lib/ports';
import { parseTraceparent } from '@/lib/tracing';
import { EdgeAssetRow, HqAssetRow, HqRequestRow } from '../rows';

type AnyAssetRow = HqAssetRow | EdgeAssetRow;

/** Parses a row of table `assets`. Throws a ZodError on a row that is none of ours: that is damage, not input. */
export function parseAssetRow(role: SiteRole, document: JsonDocument): AnyAssetRow {
  return role === 'hq' ? HqAssetRow.parse(document) : EdgeAssetRow.parse(document);
}

/** A row of table `assets` as the API lists it. The row's `timeline` is not needed: a list may leave it out of its `fields`. */
export function toAssetSummary(site: string, role: SiteRole, document: JsonDocument): AssetSummary {
  return summaryOf(site, parseAssetRow(role, document));
}

/** One asset with its history. `requests`: at HQ, the rows of table `requests` with this asset id. */
export function toAssetDetail(
  site: string,
  role: SiteRole,
  document: JsonDocument,
  requests: readonly JsonDocument[] = [],
): AssetDetail {
  const row = parseAssetRow(role, document);
  const parsed = requests.map((request) => HqRequestRow.parse(request));
  const timeline = [
    ...row.timeline,
    ...parsed.flatMap(({ edge, timeline }) => timeline.map((entry) => ({ ...entry, edge }))),
  ];
  return {
    ...summaryOf(site, row),
    description: row.asset.description ?? null,
    width: row.file?.width ?? null,
    height: row.file?.height ?? null,
    sourceLink: 'link' in row ? row.link : null,
    traceId: parseTraceparent(row.trace)?.traceId ?? null,
    timeline: timeline.sort((a, b) => a.at.localeCompare(b.at)),
    edges: parsed.map((request) => ({
      edge: request.edge,
      requestId: request._id,
      status: request.status,
      reason: request.reason,
      updatedAt: request.updatedAt,
    })),
  };
}

/** As `toAssetSummary`, of a row that is parsed already. */
export function summaryOf(site: string, row: AnyAssetRow): AssetSummary {
  const { asset, file } = row;
  const atHq = 'link' in row;
  return {
    id: row._id,
    site,
    title: asset.title,
    kind: asset.kind,
    status: row.status,
    reason: row.reason,
    feed: asset.feed,
    mediaType: file?.mediaType ?? (atHq ? row.promisedMediaType : null),
    fileName: file?.fileName ?? null,
    bytes: file?.bytes ?? null,
    sha256: file?.sha256 ?? null,
    keywords: asset.keywords,
    credit: asset.credit ?? null,
    acquiredAt: asset.acquiredAt ?? null,
    place: asset.place ?? null,
    requestId: atHq ? null : row.requestId,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    tinyPreview: file?.tinyPreview ?? null,
    hasContent: atHq ? file !== null : row.status === 'delivered',
  };
}
