import { QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CatalogueData } from './catalogue';
import { createQueryClient } from './client';
import { keys } from './keys';
import { useCancelRequests, useCreateRequests } from './requests';
import { anAsset, aPage, at } from './testing/fixtures';

let client: ReturnType<typeof createQueryClient>;
const wrapper = ({ children }: { children: ReactNode }) => (
  <QueryClientProvider client={client}>{children}</QueryClientProvider>
);
const statuses = () =>
  client.getQueryData<CatalogueData>(keys.catalogue('alpha'))?.pages[0]?.assets.map((asset) => asset.status);
const respondWith = (respond: (path: string, init: RequestInit) => Response | Promise<Response>) =>
  vi.stubGlobal('fetch', respond);

beforeEach(() => {
  client = createQueryClient();
  client.setQueryData<CatalogueData>(keys.catalogue('alpha'), {
    pages: [aPage([anAsset('a'), anAsset('b', { status: 'failed' }), anAsset('c')])],
    pageParams: [null],
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe('asking for assets', () => {
  it('shows at once that they are asked for, and takes back those that are refused', async () => {
    let answer: (response: Response) => void = () => undefined;
    respondWith(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const { result } = renderHook(() => useCreateRequests('alpha'), { wrapper });
    act(() => result.current.mutate(['a', 'b']));
    await waitFor(() => expect(statuses()).toEqual(['requesting', 'requesting', 'available']));
    answer(Response.json({ requests: [], refused: [{ assetId: 'b', code: 'CONFLICT', message: 'gone' }] }));
    await waitFor(() => expect(statuses()).toEqual(['requesting', 'failed', 'available']));
  });

  it('takes all back when the call fails, but not what an event has said since', async () => {
    let answer: (response: Response) => void = () => undefined;
    respondWith(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const { result } = renderHook(() => useCreateRequests('alpha'), { wrapper });
    act(() => result.current.mutate(['a', 'b']));
    await waitFor(() => expect(statuses()?.[0]).toBe('requesting'));
    client.setQueryData<CatalogueData>(
      keys.catalogue('alpha'),
      (data) =>
        data && {
          ...data,
          pages: data.pages.map((page) => ({
            ...page,
            assets: page.assets.map((asset) =>
              asset.id === 'a' ? { ...asset, status: 'requested', updatedAt: at(3) } : asset,
            ),
          })),
        },
    );
    answer(Response.json({ status: 503, code: 'UNAVAILABLE', detail: 'no' }, { status: 503 }));
    await waitFor(() => expect(result.current.isError).toBe(true));
    expect(statuses()).toEqual(['requested', 'failed', 'available']);
  });

  it('asks in calls that the API takes', async () => {
    const sizes: number[] = [];
    respondWith((_path, init) => {
      sizes.push(JSON.parse(init.body as string).assetIds.length);
      return Response.json({ requests: [], refused: [] });
    });
    const { result } = renderHook(() => useCreateRequests('alpha'), { wrapper });
    await act(() => result.current.mutateAsync(Array.from({ length: 2300 }, (_, n) => `x${n}`)));
    expect(sizes).toEqual([1000, 1000, 300]);
  });
});

it('tries to withdraw every request before it tells of the first that failed', async () => {
  const paths: string[] = [];
  respondWith((path) => {
    paths.push(path);
    return path.endsWith('r1')
      ? Response.json({ status: 404, code: 'NOT_FOUND', detail: 'r1 is gone' }, { status: 404 })
      : Response.json({});
  });
  const { result } = renderHook(() => useCancelRequests('alpha'), { wrapper });
  await expect(act(() => result.current.mutateAsync(['r1', 'r2', 'r3']))).rejects.toThrow('r1 is gone');
  expect(paths.map((path) => path.slice(-2)).sort()).toEqual(['r1', 'r2', 'r3']);
});
