import { QueryClient } from '@tanstack/react-query';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AssetSummary, Service } from '@/lib/api/schemas';
import type { CatalogueData } from '../catalogue';
import { keys } from '../keys';
import type { ServiceList } from '../services';
import { aLink, aMirror, anAsset, aPage, aService, aSite, at } from '../testing/fixtures';
import { applyEvents } from './apply';
import type { StreamEvent } from './stream';

let client: QueryClient;
const apply = (events: StreamEvent[], isFirst = true) => applyEvents(client, events, isFirst);
const catalogue = (...pages: AssetSummary[][]): CatalogueData => ({
  pages: pages.map((assets) => aPage(assets)),
  pageParams: pages.map(() => null),
});
const changed = (asset: AssetSummary): StreamEvent => ({
  name: 'asset',
  payload: { site: asset.site, by: 'listener', asset },
});
const snapshot = (services: Service[]): StreamEvent => ({
  name: 'snapshot',
  payload: {
    sites: { mission: 'm', demo: true, sites: [aSite('hq'), aSite('alpha')] },
    services,
    links: { alpha: aLink() },
    mirrors: { alpha: aMirror() },
    recent: { alpha: [anAsset('a')] },
  },
});
const isStale = (key: readonly unknown[]) => client.getQueryState(key)?.isInvalidated;

beforeEach(() => {
  client = new QueryClient();
});

describe('a snapshot', () => {
  it('fills every reading, services by their site', () => {
    apply([snapshot([aService('downloader', 'hq'), aService('listener', 'alpha')])]);
    expect(client.getQueryData<ServiceList>(keys.services('hq'))?.services.map((s) => s.id)).toEqual(['downloader']);
    expect(client.getQueryData<ServiceList>(keys.services('alpha'))?.services.map((s) => s.id)).toEqual(['listener']);
    expect(client.getQueryData(keys.link('alpha'))).toEqual(aLink());
    expect(client.getQueryData(keys.mirror('alpha'))).toEqual(aMirror());
    expect(client.getQueryData(keys.recent('alpha'))).toEqual([anAsset('a')]);
  });

  it('has everything read anew only when events may have been missed', () => {
    client.setQueryData(keys.catalogue('alpha'), catalogue([anAsset('a')]));
    apply([snapshot([])], true);
    expect(isStale(keys.catalogue('alpha'))).toBe(false);
    apply([snapshot([])], false);
    expect(isStale(keys.catalogue('alpha'))).toBe(true);
  });

  it('twice in one batch is a resync too', () => {
    client.setQueryData(keys.deadLetters('hq'), { deadLetters: [] });
    apply([snapshot([]), snapshot([])], true);
    expect(isStale(keys.deadLetters('hq'))).toBe(true);
  });
});

describe('asset events', () => {
  it('replace rows in place and leave other pages untouched', () => {
    const before = catalogue([anAsset('a'), anAsset('b')], [anAsset('c')]);
    client.setQueryData(keys.catalogue('alpha'), before);
    apply([changed(anAsset('b', { status: 'requested', updatedAt: at(1) }))]);
    const after = client.getQueryData<CatalogueData>(keys.catalogue('alpha'));
    expect(after?.pages[0]?.assets.map((a) => a.status)).toEqual(['available', 'requested']);
    expect(after?.pages[1]).toBe(before.pages[1]);
  });

  it('put new rows first, the last of several changes winning', () => {
    client.setQueryData(keys.catalogue('alpha'), catalogue([anAsset('a')]));
    apply([changed(anAsset('n')), changed(anAsset('n', { status: 'ready', updatedAt: at(2) }))]);
    const rows = client.getQueryData<CatalogueData>(keys.catalogue('alpha'))?.pages[0]?.assets;
    expect(rows?.map((a) => [a.id, a.status])).toEqual([
      ['n', 'ready'],
      ['a', 'available'],
    ]);
  });

  it('never replace a later reading by an earlier one', () => {
    client.setQueryData(keys.catalogue('alpha'), catalogue([anAsset('a', { status: 'ready', updatedAt: at(5) })]));
    apply([changed(anAsset('a', { status: 'requested', updatedAt: at(1) }))]);
    expect(client.getQueryData<CatalogueData>(keys.catalogue('alpha'))?.pages[0]?.assets[0]?.status).toBe('ready');
  });

  it('touch only their own site', () => {
    client.setQueryData(keys.catalogue('bravo'), catalogue([anAsset('a', { site: 'bravo' })]));
    apply([changed(anAsset('a', { status: 'ready', updatedAt: at(1) }))]);
    expect(client.getQueryData<CatalogueData>(keys.catalogue('bravo'))?.pages[0]?.assets[0]?.status).toBe('available');
  });

  it('update an open asset and have its timeline read again', () => {
    client.setQueryData(keys.asset('alpha', 'a'), { ...anAsset('a'), timeline: [], edges: [] });
    apply([changed(anAsset('a', { status: 'ready', updatedAt: at(1) }))]);
    expect(client.getQueryData<AssetSummary>(keys.asset('alpha', 'a'))?.status).toBe('ready');
    expect(isStale(keys.asset('alpha', 'a'))).toBe(true);
  });

  it('have the list of deliveries read again when one is delivered, and only then', () => {
    client.setQueryData(keys.delivered('alpha'), aPage([]));
    apply([changed(anAsset('a', { status: 'ready' }))]);
    expect(isStale(keys.delivered('alpha'))).toBe(false);
    apply([changed(anAsset('a', { status: 'delivered' }))]);
    expect(isStale(keys.delivered('alpha'))).toBe(true);
  });

  it('have the list of failures read again when one fails', () => {
    client.setQueryData(keys.failed('hq'), aPage([]));
    apply([changed(anAsset('a', { site: 'hq', status: 'failed', updatedAt: at(1) }))]);
    expect(isStale(keys.failed('hq'))).toBe(true);
  });
});

describe('other events', () => {
  it('replace a service in its list', () => {
    client.setQueryData(keys.services('hq'), { services: [aService('downloader', 'hq'), aService('responder', 'hq')] });
    apply([{ name: 'service', payload: aService('downloader', 'hq', { state: 'faulted' }) }]);
    expect(client.getQueryData<ServiceList>(keys.services('hq'))?.services.map((s) => s.state)).toEqual([
      'faulted',
      'running',
    ]);
  });

  it('add a site that was not known', () => {
    apply([snapshot([]), { name: 'site', payload: aSite('bravo', { hosted: false }) }]);
    expect(client.getQueryData<{ sites: { id: string }[] }>(keys.sites())?.sites.map((s) => s.id)).toEqual([
      'hq',
      'alpha',
      'bravo',
    ]);
  });

  it('have the requests of every site read again', () => {
    client.setQueryData(keys.requests('hq'), { requests: [] });
    client.setQueryData(keys.requests('alpha'), { requests: [] });
    apply([
      {
        name: 'request',
        payload: {
          id: 'r',
          assetId: 'a',
          edge: 'alpha',
          status: 'staged',
          reason: null,
          title: null,
          bytes: null,
          createdAt: at(0),
          updatedAt: at(0),
        },
      },
    ]);
    expect([isStale(keys.requests('hq')), isStale(keys.requests('alpha'))]).toEqual([true, true]);
  });

  it('collect log lines, numbered, in order', () => {
    const line = (message: string): StreamEvent => ({
      name: 'log',
      payload: { at: at(0), site: 'hq', service: 'downloader', level: 'info', message },
    });
    apply([line('one'), line('two')]);
    apply([line('three')]);
    expect(
      client.getQueryData<{ message: string; number: number }[]>(keys.logs('hq'))?.map((l) => [l.number, l.message]),
    ).toEqual([
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
    ]);
  });
});
