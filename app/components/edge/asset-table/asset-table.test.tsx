import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import { NuqsTestingAdapter } from 'nuqs/adapters/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AssetSummary } from '@/lib/api/schemas';
import { CATALOGUE_ROWS_MAX } from '@/lib/queries/assets';
import { keys } from '@/lib/queries/keys';
import { anAsset } from '@/lib/queries/testing/fixtures';
import { AssetTable } from './asset-table';

const old = { ...anAsset('old'), title: 'Lake Chad in 1973', createdAt: '1973-01-01T00:00:00.000Z' };
/** What the server was asked. */
let asked: string[];

beforeEach(() => {
  asked = [];
  const ignore = () => undefined;
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe = ignore;
      unobserve = ignore;
      disconnect = ignore;
    },
  );
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    const assets = url.includes('q=') ? [old] : [];
    return Response.json({ assets, nextCursor: null, total: assets.length });
  });
  document.documentElement.style.fontSize = '16px';
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(480);
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(480);
  HTMLElement.prototype.scrollTo = ignore;
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** The table of an edge that knows `total` assets, of which the page has read its share. */
function show(total: number, search: string) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const page: { assets: AssetSummary[]; nextCursor: string | null; total: number } = {
    assets: [anAsset('new')],
    nextCursor: null,
    total,
  };
  client.setQueryData(keys.catalogue('alpha'), { pages: [page], pageParams: [null] });
  client.setQueryData(keys.recent('alpha'), []);
  render(
    <QueryClientProvider client={client}>
      <NuqsTestingAdapter searchParams={{ q: search }}>
        <AssetTable edge="alpha" onOpen={() => undefined} />
      </NuqsTestingAdapter>
    </QueryClientProvider>,
  );
}

const searches = () => asked.filter((url) => url.includes('q='));

it('says that it lists the newest only, and finds the older ones at the server', async () => {
  show(CATALOGUE_ROWS_MAX + 11_000, 'lake chad');
  expect(await screen.findByText('Lake Chad in 1973')).toBeTruthy();
  expect(screen.getByText(/The newest 20,000 of 31,000 are listed here/)).toBeTruthy();
  expect(searches()).toEqual([expect.stringMatching(/\/api\/sites\/alpha\/assets\?.*q=lake\+chad/)]);
});

it('asks the server for nothing that the page holds itself', async () => {
  show(1, 'lake chad');
  expect(await screen.findByText('No asset fits the search and the filter')).toBeTruthy();
  expect(screen.queryByText(/are listed here/)).toBeNull();
  expect(searches()).toEqual([]);
});
