import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Service } from '@/lib/api/schemas';
import { createQueryClient } from '@/lib/queries/client';
import { aService } from '@/lib/queries/testing/fixtures';
import { useToasts } from '@/lib/ui-state/toasts';
import { ServiceSwitch } from './service-switch';

let calls: { path: string; body: unknown }[];
let answer: () => Response;

const show = (overrides: Partial<Service>) => {
  const service = aService('downloader', 'hq', overrides);
  render(
    <QueryClientProvider client={createQueryClient()}>
      <ServiceSwitch service={service} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
};

beforeEach(() => {
  calls = [];
  answer = () => Response.json(aService('downloader', 'hq'));
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    calls.push({ path, body: JSON.parse(init.body as string) });
    return answer();
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe('the switch of a service', () => {
  it('starts at once', async () => {
    const user = show({ desired: 'stopped', state: 'stopped' });
    await user.click(screen.getByRole('switch'));
    await waitFor(() =>
      expect(calls).toEqual([{ path: '/api/sites/hq/services/downloader', body: { desired: 'running' } }]),
    );
  });

  it('stops only after asking', async () => {
    const user = show({});
    await user.click(screen.getByRole('switch'));
    expect(calls).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Stop it' }));
    await waitFor(() => expect(calls.map((call) => call.body)).toEqual([{ desired: 'stopped' }]));
  });

  it('leaves it running when the answer is no', async () => {
    const user = show({});
    await user.click(screen.getByRole('switch'));
    await user.click(screen.getByRole('button', { name: 'Leave it' }));
    expect(calls).toEqual([]);
  });

  it('cancels a start without asking', async () => {
    const user = show({ state: 'starting' });
    await user.click(screen.getByRole('button', { name: 'Cancel start' }));
    await waitFor(() => expect(calls.map((call) => call.body)).toEqual([{ desired: 'stopped' }]));
  });

  it('tells why the server refused', async () => {
    answer = () =>
      Response.json({ status: 503, code: 'UNAVAILABLE', detail: 'The table does not answer' }, { status: 503 });
    const user = show({ desired: 'stopped', state: 'stopped' });
    await user.click(screen.getByRole('switch'));
    await waitFor(() =>
      expect(useToasts.getState().toasts.at(-1)).toMatchObject({
        title: 'Downloader could not be started',
        detail: 'The table does not answer',
      }),
    );
  });
});
