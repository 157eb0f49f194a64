import type { ServiceId } from '@/lib/domain/services';
import type { EventHub } from '../contract';
import type { EdgeAssetRow, HqAssetRow, HqRequestRow } from '../rows';
import { edgeRequestInfo, hqRequestInfo, summaryOf } from '../views';

/**
 * Of one batch at most so many rows are published one by one, the newest: a page that gets hundreds at once redraws for nothing. Counts
 * come with the `service` and `site` events, and lists ask again.
 */
export const EVENTS_PER_BATCH_MAX = 100;

/** Tells the pages of asset rows that changed. */
export function announceAssets(
  events: EventHub,
  site: string,
  by: ServiceId | null,
  rows: readonly (HqAssetRow | EdgeAssetRow)[],
): void {
  for (const row of rows.slice(-EVENTS_PER_BATCH_MAX))
    events.publish('asset', { site, by, asset: summaryOf(site, row) });
}

/** Tells the pages of requests that changed, from the edge's rows. */
export function announceEdgeRequests(events: EventHub, site: string, rows: readonly EdgeAssetRow[]): void {
  for (const row of rows.slice(-EVENTS_PER_BATCH_MAX)) {
    const request = edgeRequestInfo(site, row);
    if (request) events.publish('request', request);
  }
}

/** Tells the pages of requests that changed, from HQ's rows. */
export function announceHqRequests(events: EventHub, rows: readonly HqRequestRow[]): void {
  for (const row of rows.slice(-EVENTS_PER_BATCH_MAX)) events.publish('request', hqRequestInfo(row));
}
