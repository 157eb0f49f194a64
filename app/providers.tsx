'use client';
import { QueryClientProvider } from '@tanstack/react-query';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { Tooltip } from 'radix-ui';
import { type ReactNode, useEffect, useState } from 'react';
import type { Me } from '@/lib/api/access-schemas';
import { createQueryClient } from '@/lib/queries/client';
import { useEventStream } from '@/lib/queries/events/use-event-stream';
import { onSignedOut } from '@/lib/queries/http';
import { MeProvider } from './components/access/me';

const TOOLTIP_DELAY_MS = 250;

/** What every page needs around it: who looks, the query cache, the event stream that feeds it, and the URL's state. Strangers get no stream. */
export function Providers({ me, children }: { me: Me | null; children: ReactNode }) {
  const [client] = useState(createQueryClient);
  return (
    <QueryClientProvider client={client}>
      {me && <EventStream />}
      <NuqsAdapter>
        <Tooltip.Provider delayDuration={TOOLTIP_DELAY_MS}>
          {me ? <MeProvider me={me}>{children}</MeProvider> : children}
        </Tooltip.Provider>
      </NuqsAdapter>
    </QueryClientProvider>
  );
}

function EventStream() {
  useEventStream();
  useEffect(
    () =>
      onSignedOut(() => {
        const { pathname, search } = window.location;
        window.location.assign(`/sign-in?next=${encodeURIComponent(`${pathname}${search}`)}`);
      }),
    [],
  );
  return null;
}
