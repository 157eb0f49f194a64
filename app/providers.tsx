'use client';
import { QueryClientProvider } from '@tanstack/react-query';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { Tooltip } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { createQueryClient } from '@/lib/queries/client';
import { useEventStream } from '@/lib/queries/events/use-event-stream';

const TOOLTIP_DELAY_MS = 250;

/** What every page needs around it: the query cache, the event stream that feeds it, and the URL's state. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(createQueryClient);
  return (
    <QueryClientProvider client={client}>
      <EventStream />
      <NuqsAdapter>
        <Tooltip.Provider delayDuration={TOOLTIP_DELAY_MS}>{children}</Tooltip.Provider>
      </NuqsAdapter>
    </QueryClientProvider>
  );
}

function EventStream() {
  useEventStream();
  return null;
}
