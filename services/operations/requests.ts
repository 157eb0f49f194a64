import { v7 as uuidv7 } from 'uuid';
import type { RequestInfo, RequestResults } from '@/lib/api/schemas';
import { TABLES } from '@/lib/domain/naming';
import { CANCELLABLE, EDGE_STATUSES, REQUEST_STATUSES } from '@/lib/domain/status';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import type { Condition } from '@/lib/ojai/types';
import type { BulkUpdate } from '@/lib/ports';
import { activeTrace, type Span } from '@/lib/tracing';
import type { Runtime, SiteRuntime } from '../contract';
import { cancelChange, EdgeAssetRow, requestChange } from '../rows';
import { traceOf } from '../shared/traced';
import { edgeRequestInfo, summaryOf, toRequestInfo } from '../views';
import { edgeOf, siteOf } from './lookup';

/** A row that services keep changing under a person's hand is tried this often. */
export const CHANGE_ATTEMPTS_MAX = 5;
/** Who asks, in the timeline. */
const FIELD_TEAM = 'field team';

/**
 * Asks for assets at an edge: rows become `requesting`, the requester is woken. An asset with a live request keeps it, so that asking
 * twice asks once; one that can not be requested (it is here already) is refused by itself.
 * Fails, changing nothing, with NOT_FOUND when any id is unknown, and with CONFLICT when every one is refused.
 */
export async function createRequests(
  runtime: Runtime,
  siteId: string,
  assetIds: readonly string[],
): Promise<RequestResults> {
  const { edge } = edgeOf(runtime, siteId);
  const ids = [...new Set(assetIds)];
  const found = await rowsOf(edge, ids);
  const unknown = ids.filter((id) => !found.has(id));
  if (unknown.length > 0)
    throw new FieldlineError('NOT_FOUND', `Site "${siteId}" knows of no asset ${unknown.slice(0, 5).join(', ')}`, {
      remedy: 'Nothing was requested. Leave the unknown ids out',
      details: { unknown: unknown.length },
    });

  const refused: RequestResults['refused'] = [];
  const spans = new Map<string, Span>();
  const settled = await changeRows(runtime, edge, found, (row) => {
    if (CANCELLABLE.includes(row.status)) return null;
    try {
      const span = spans.get(row._id) ?? startRequestSpan(runtime, siteId, row);
      spans.set(row._id, span);
      return requestChange(row, {
        requestId: uuidv7(),
        by: FIELD_TEAM,
        nowMs: runtime.clock.now(),
        trace: span.traceparent,
      });
    } catch (error) {
      if (!isFieldlineError(error, 'CONFLICT')) throw error;
      spans.delete(row._id);
      refused.push({ assetId: row._id, code: error.code, message: error.message });
      return null;
    }
  });
  for (const span of spans.values()) span.end();
  const refusedIds = new Set(refused.map(({ assetId }) => assetId));
  const requests = ids
    .filter((id) => !refusedIds.has(id))
    .map((id) => edgeRequestInfo(siteId, settled.get(id)!))
    .filter((request) => request !== null);
  if (requests.length === 0) throw new FieldlineError('CONFLICT', refused.map(({ message }) => message).join('; '));
  edge.supervisor.wake('requester', 'asked');
  return { requests, refused };
}

/** A step of the asset's trace. The call that asked, perhaps for many assets, is a trace of its own, and linked. */
const startRequestSpan = ({ tracer }: Runtime, site: string, row: EdgeAssetRow): Span =>
  tracer.start('request asset', {
    parent: traceOf(row),
    attributes: { 'fieldline.site': site, 'fieldline.asset.id': row._id },
    links: [activeTrace()],
  });

/** Withdraws a request; one that is withdrawn already is answered as it is. Fails with NOT_FOUND, CONFLICT (delivered, failed), UNAVAILABLE. */
export async function cancelRequest(runtime: Runtime, siteId: string, requestId: string): Promise<RequestInfo> {
  const { edge } = edgeOf(runtime, siteId);
  const [document] = await edge.ports.tables.find(TABLES.assets, { condition: { $eq: { requestId } }, limit: 1 });
  if (!document) throw new FieldlineError('NOT_FOUND', `Site "${siteId}" has no request "${requestId}"`);
  const row = EdgeAssetRow.parse(document);
  const settled = await changeRows(runtime, edge, new Map([[row._id, row]]), (current) => {
    if (current.requestId !== requestId)
      throw new FieldlineError('CONFLICT', `"${current.asset.title}" was requested anew meanwhile`);
    if (current.status === 'cancelled') return null;
    return cancelChange(current, { by: FIELD_TEAM, nowMs: runtime.clock.now() });
  });
  edge.supervisor.wake('requester', 'cancelled');
  return edgeRequestInfo(siteId, settled.get(row._id)!)!;
}

/** An edge's requests, or at HQ those of every edge; newest first. Fails with NOT_FOUND, REQUEST_INVALID, UNAVAILABLE. */
export async function listRequests(
  runtime: Runtime,
  siteId: string,
  query: { status?: string; limit: number },
): Promise<{ requests: RequestInfo[] }> {
  const site = siteOf(runtime, siteId);
  const hq = site.role === 'hq';
  const known: readonly string[] = hq ? REQUEST_STATUSES : EDGE_STATUSES;
  const statuses = (query.status ?? '').split(',').filter((word) => word !== '');
  for (const status of statuses) {
    if (!known.includes(status))
      throw new FieldlineError('REQUEST_INVALID', `A request at "${siteId}" is never "${status}"`, {
        remedy: `One or several of ${known.join(', ')}, separated by commas`,
      });
  }
  // An edge's row that was never requested has null there, which compares with no text.
  const field = hq ? 'createdAt' : 'requestedAt';
  const conditions: Condition[] = [{ $gt: { [field]: '' } }];
  if (statuses.length > 0) conditions.push({ $in: { status: statuses } });
  const documents = await site.ports.tables.find(hq ? TABLES.requests : TABLES.assets, {
    condition: { $and: conditions },
    orderBy: [
      { field, direction: 'desc' },
      { field: '_id', direction: 'desc' },
    ],
    limit: query.limit,
  });
  const requests = documents.map((document) => toRequestInfo(site.id, site.role, document));
  return { requests: requests.filter((request) => request !== null) };
}

async function rowsOf(edge: SiteRuntime, ids: readonly string[]): Promise<Map<string, EdgeAssetRow>> {
  const documents = await edge.ports.tables.getMany(TABLES.assets, ids);
  return new Map(documents.map((document) => [document._id, EdgeAssetRow.parse(document)]));
}

/**
 * Changes rows, reading again and trying anew those that a service changed meanwhile, and publishes what changed.
 * `change` gives null for a row to leave as it is. Resolves with all rows as they then are.
 */
async function changeRows(
  runtime: Runtime,
  edge: SiteRuntime,
  rows: ReadonlyMap<string, EdgeAssetRow>,
  change: (row: EdgeAssetRow) => BulkUpdate | null,
): Promise<Map<string, EdgeAssetRow>> {
  const settled = new Map(rows);
  let open = [...rows.keys()];
  for (let attempt = 0; open.length > 0; attempt += 1) {
    if (attempt === CHANGE_ATTEMPTS_MAX)
      throw new FieldlineError('CONFLICT', 'The asset keeps changing; nothing was done to it', {
        remedy: 'Try again in a moment',
      });
    const updates = open.map((id) => change(settled.get(id)!)).filter((update) => update !== null);
    const outcomes = updates.length > 0 ? await edge.ports.tables.updateMany(TABLES.assets, updates) : [];
    const touched = await rowsOf(
      edge,
      updates.map(({ id }) => id),
    );
    for (const [id, row] of touched) settled.set(id, row);
    for (const [index, { id }] of updates.entries()) {
      if (outcomes[index] === 'updated') publish(runtime, edge, settled.get(id)!);
    }
    open = updates.filter((_, index) => outcomes[index] !== 'updated').map(({ id }) => id);
  }
  return settled;
}

function publish(runtime: Runtime, edge: SiteRuntime, row: EdgeAssetRow): void {
  runtime.events.publish('asset', { site: edge.id, by: null, asset: summaryOf(edge.id, row) });
  const request = edgeRequestInfo(edge.id, row);
  if (request) runtime.events.publish('request', request);
}
