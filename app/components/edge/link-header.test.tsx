import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Link } from '@/lib/api/schemas';
import { createQueryClient } from '@/lib/queries/client';
import { LinkHeader } from './link-header';

const at = '2026-11-26T12:00:00.000Z';
const direction: Link['inbound'] = {
  state: 'up',
  lagRecords: 0,
  lagBytes: 0,
  lagMs: 0,
  recordsTotal: 3,
  bytesTotal: 300,
  lastError: null,
  lastErrorAt: null,
};
const link: Link = {
  state: 'up',
  inbound: direction,
  outbound: direction,
  upstream: 'hq.example:18443',
  lastSeenAt: at,
  estimatedBytesPerSecond: null,
  conditions: null,
  asOf: at,
};
const failed: Link = {
  ...link,
  state: 'failed',
  inbound: { ...direction, state: 'failed', lastError: 'HQ has less than was brought here', lastErrorAt: at },
};
const ANEW = "Bring HQ's topics anew";

let now: Link;
let sent: unknown[];
beforeEach(() => {
  sent = [];
  vi.stubGlobal('fetch', async (_: string, init?: RequestInit) => {
    if (init?.method === 'PUT') {
      sent.push(JSON.parse(init.body as string));
      now = link;
    }
    return Response.json(now);
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function show(state: Link) {
  now = state;
  render(
    <QueryClientProvider client={createQueryClient()}>
      <LinkHeader edge="alpha" />
    </QueryClientProvider>,
  );
  await screen.findByTestId('link-header');
  return userEvent.setup();
}

describe('a link that HQ disagrees with', () => {
  it("brings HQ's topics anew, after asking", async () => {
    const user = await show(failed);
    expect(screen.getByText(/HQ has less than was brought here/)).toBeDefined();
    await user.click(screen.getByRole('button', { name: ANEW }));
    expect(sent).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Bring them anew' }));
    await waitFor(() => expect(sent).toEqual([{ mode: 'up', direction: 'inbound', anew: true }]));
    await waitFor(() => expect(screen.queryByRole('button', { name: ANEW })).toBeNull());
  });

  it('leaves it when the answer is no', async () => {
    const user = await show(failed);
    await user.click(screen.getByRole('button', { name: ANEW }));
    await user.click(screen.getByRole('button', { name: 'Leave it' }));
    expect(sent).toEqual([]);
  });

  it('is the only one that offers it', async () => {
    const outbound = { ...failed.inbound };
    await show({ ...link, state: 'failed', outbound });
    expect(screen.queryByRole('button', { name: ANEW })).toBeNull();
  });
});
