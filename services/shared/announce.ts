import type { ServiceId } from '@/lib/domain/services';
import type { EventHub } from '../contract';
import type { EdgeAssetRow, HqAssetRow, HqRequestRow } from '../rows';
import { edgeRequestInfo, hqRequestInfo, summaryOf } from '../views';

// Every change is published: pages hold what they were told. A browser that can not follow a bulk is given a new snapshot by the event
// stream, whose queues are bounded.

/** Tells the pages of asset rows that changed. */
export function announceAssets(
  events: EventHub,
  site: string,
  by: ServiceId | null,
  rows: readonly (HqAssetRow | EdgeAssetRow)[],
): void {
  for (const row of rows) events.publish('asset', { site, by, asset: summaryOf(site, row) });
}

/** Tells the pages of requests that changed, from the edge's rows. */
export function announceEdgeRequests(events: EventHub, site: string, rows: readonly EdgeAssetRow[]): void {
  for (const row of rows) {
    const request = edgeRequestInfo(site, row);
    if (request) events.publish('request', request);
  }
}

/** Tells the pages of requests that changed, from HQ's rows. */
export function announceHqRequests(events: EventHub, rows: readonly HqRequestRow[]): void {
  for (const row of rows) events.publish('request', hqRequestInfo(row));
}
