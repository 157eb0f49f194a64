import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Tooltip } from 'radix-ui';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EdgeEnrolment, Link } from '@/lib/api/schemas';
import { createQueryClient } from '@/lib/queries/client';
import { aDirection, aLink } from '@/lib/queries/testing/fixtures';
import { LinkHeader } from './link-header';

const at = '2026-11-26T12:00:00.000Z';
const link = aLink();
const failed = aLink({
  state: 'failed',
  inbound: aDirection({ state: 'failed', lastError: 'HQ has less than was brought here', lastErrorAt: at }),
});
const ANEW = "Bring HQ's topics anew";

const TAKEN_BACK = aLink({
  state: 'down',
  inbound: aDirection({
    state: 'down',
    lastError: 'HQ did not accept the credentials of this site',
    lastErrorAt: at,
  }),
});
const ENROL = 'Enrol with a token';

let now: Link;
let sent: unknown[];
let enrolment: EdgeEnrolment;
let enrolled: () => Response;
beforeEach(() => {
  sent = [];
  enrolment = { reason: 'alpha and its HQ are in one installation', enrolled: null };
  vi.stubGlobal('fetch', async (where: string, init?: RequestInit) => {
    if (where.endsWith('/enrolment')) {
      if (init?.method !== 'POST') return Response.json(enrolment);
      sent.push(JSON.parse(init.body as string));
      return enrolled();
    }
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
      <Tooltip.Provider>
        <LinkHeader edge="alpha" />
      </Tooltip.Provider>
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

describe('a link that is down', () => {
  it('says why, and what becomes of requests, in sentences of their own', async () => {
    await show(TAKEN_BACK);
    expect(screen.getByTestId('link-header').textContent).toContain(
      'HQ did not accept the credentials of this site. Requests wait here',
    );
  });
});

describe('an edge that HQ does not let in', () => {
  beforeEach(() => {
    enrolment = { reason: null, enrolled: null };
    enrolled = () => {
      now = link;
      return Response.json({ reason: null, enrolled: { upstream: 'hq.example:18443', at } });
    };
  });

  it('takes a token, and then says since when it is enrolled', async () => {
    const user = await show(TAKEN_BACK);
    await user.click(await screen.findByRole('button', { name: ENROL }));
    await user.click(screen.getByRole('button', { name: 'Enrol alpha' }));
    expect(sent).toEqual([]);
    await user.click(screen.getByRole('textbox', { name: 'Token' }));
    await user.paste('fl1.body.check');
    await user.click(screen.getByRole('button', { name: 'Enrol alpha' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(sent).toEqual([{ token: 'fl1.body.check' }]);
    await waitFor(() => expect(screen.getByTestId('link-header').dataset.state).toBe('up'));
    expect(screen.getByText('Enrolled')).toBeDefined();
    expect(screen.queryByRole('button', { name: ENROL })).toBeNull();
  });

  it('keeps the form and says why a token was not taken', async () => {
    enrolled = () =>
      Response.json(
        {
          ...{ type: 'about:blank', title: 'CONFLICT', status: 409, code: 'CONFLICT', retriable: false },
          ...{ detail: 'HQ does not take this enrolment token', remedy: 'Make a new one at HQ' },
        },
        { status: 409, headers: { 'content-type': 'application/problem+json' } },
      );
    const user = await show(TAKEN_BACK);
    await user.click(await screen.findByRole('button', { name: ENROL }));
    await user.click(screen.getByRole('textbox', { name: 'Token' }));
    await user.paste('fl1.body.check');
    await user.click(screen.getByRole('button', { name: 'Enrol alpha' }));
    expect((await screen.findByRole('alert')).textContent).toContain('HQ does not take this enrolment token');
    expect(screen.getByRole('dialog')).toBeDefined();
  });

  it('asks for none where none can be taken, or the link is up', async () => {
    await show(link);
    expect(screen.queryByRole('button', { name: ENROL })).toBeNull();
    cleanup();
    enrolment = { reason: 'alpha and its HQ are in one installation', enrolled: null };
    await show(TAKEN_BACK);
    await screen.findByText(/did not accept/);
    expect(screen.queryByRole('button', { name: ENROL })).toBeNull();
  });
});
