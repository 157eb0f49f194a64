/** The one place where events change the query cache. */
import type { QueryClient } from '@tanstack/react-query';
import type { AssetDetail, AssetSummary, Link, LogLine, Mirror, Service, Site, Sites } from '@/lib/api/schemas';
import { type CatalogueData, withChangedAssets, withRecent } from '../catalogue';
import { applyJob } from '../connections';
import { keys } from '../keys';
import { type NumberedLogLine, withLogLines } from '../logs';
import { type ServiceList, withService } from '../services';
import { type ThroughputSample, withSample } from '../throughput';
import type { EventPayload } from './names';
import type { StreamEvent } from './stream';

/**
 * Applies a batch in order. Asset and log events, which come in numbers, are gathered by site and applied once each.
 * A snapshot after the first means that events may have been missed: what they would have changed is read anew.
 */
export function applyEvents(client: QueryClient, events: readonly StreamEvent[], isFirstSnapshot: boolean): void {
  let first = isFirstSnapshot;
  const assets = new Map<string, Map<string, AssetSummary>>();
  const logs = new Map<string, LogLine[]>();
  const requestsChanged = new Set<string>();
  for (const event of events) {
    switch (event.name) {
      case 'snapshot':
        applySnapshot(client, event.payload);
        if (!first) resync(client);
        first = false;
        break;
      case 'site':
        client.setQueryData<Sites>(keys.sites(), (sites) => withSite(sites, event.payload));
        break;
      case 'service':
        client.setQueryData<ServiceList>(keys.services(event.payload.site), (list) => withService(list, event.payload));
        break;
      case 'link':
        applyLink(client, event.payload.site, event.payload.link);
        break;
      case 'mirror':
        client.setQueryData<Mirror>(keys.mirror(event.payload.site), event.payload.mirror);
        break;
      case 'asset':
        gather(assets, event.payload.site, () => new Map()).set(event.payload.asset.id, event.payload.asset);
        break;
      case 'request':
        requestsChanged.add(event.payload.edge);
        break;
      case 'job':
        applyJob(client, event.payload);
        break;
      case 'log':
        gather(logs, event.payload.site, () => []).push(event.payload);
        break;
    }
  }
  for (const [site, changed] of assets) applyAssets(client, site, changed);
  for (const [site, lines] of logs)
    client.setQueryData<NumberedLogLine[]>(keys.logs(site), (known) => withLogLines(known, lines));
  // A request is known at the edge and, in other words, at HQ: both lists are read again rather than guessed.
  if (requestsChanged.size > 0) void client.invalidateQueries({ queryKey: ['requests'] });
}

/** Reads anew all that events keep current, but only what a page shows. */
export function resync(client: QueryClient): void {
  for (const queryKey of [
    ['assets'],
    ['requests'],
    ['dead-letters'],
    ['services'],
    ['sites'],
    ['link'],
    ['mirror'],
    ['connections'],
  ])
    void client.invalidateQueries({ queryKey });
}

function applySnapshot(client: QueryClient, snapshot: EventPayload<'snapshot'>): void {
  client.setQueryData<Sites>(keys.sites(), snapshot.sites);
  const bySite = new Map<string, Service[]>();
  for (const service of snapshot.services) gather(bySite, service.site, () => []).push(service);
  for (const [site, services] of bySite) client.setQueryData<ServiceList>(keys.services(site), { services });
  for (const [site, mirror] of Object.entries(snapshot.mirrors)) client.setQueryData(keys.mirror(site), mirror);
  for (const [site, link] of Object.entries(snapshot.links)) applyLink(client, site, link);
  for (const [site, recent] of Object.entries(snapshot.recent)) client.setQueryData(keys.recent(site), recent);
}

function applyLink(client: QueryClient, site: string, link: Link): void {
  client.setQueryData<Link>(keys.link(site), link);
  const mirror = client.getQueryData<Mirror>(keys.mirror(site));
  client.setQueryData<ThroughputSample[]>(keys.throughput(site), (samples) => withSample(samples, link, mirror));
}

function applyAssets(client: QueryClient, site: string, changed: ReadonlyMap<string, AssetSummary>): void {
  client.setQueryData<CatalogueData>(keys.catalogue(site), (data) => withChangedAssets(data, changed));
  client.setQueryData<AssetSummary[]>(keys.recent(site), (recent) => withRecent(recent, changed));
  for (const asset of changed.values()) {
    const key = keys.asset(site, asset.id);
    if (!client.getQueryData(key)) continue;
    client.setQueryData<AssetDetail>(key, (detail) => detail && { ...detail, ...asset });
    // The summary carries no timeline.
    void client.invalidateQueries({ queryKey: key });
  }
  const statuses = new Set([...changed.values()].map((asset) => asset.status));
  if (statuses.has('failed')) void client.invalidateQueries({ queryKey: keys.failed(site) });
  if (statuses.has('delivered')) void client.invalidateQueries({ queryKey: keys.delivered(site) });
}

function withSite(sites: Sites | undefined, site: Site): Sites | undefined {
  if (!sites) return sites;
  const known = sites.sites.some((other) => other.id === site.id);
  return {
    ...sites,
    sites: known ? sites.sites.map((other) => (other.id === site.id ? site : other)) : [...sites.sites, site],
  };
}

function gather<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key);
  if (known) return known;
  const created = create();
  map.set(key, created);
  return created;
}
