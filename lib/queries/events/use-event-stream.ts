import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useConnection } from '@/lib/ui-state/connection';
import { applyEvents, resync } from './apply';
import { connectEvents } from './stream';

/** Holds the page's one event connection; mount it once. */
export function useEventStream(): void {
  const client = useQueryClient();
  const setState = useConnection((connection) => connection.setState);
  useEffect(() => {
    let snapshots = 0;
    return connectEvents({
      url: '/api/events',
      onBatch: (events) => {
        applyEvents(client, events, snapshots === 0);
        snapshots += events.filter((event) => event.name === 'snapshot').length;
      },
      onOverflow: () => resync(client),
      onState: setState,
    });
  }, [client, setState]);
}
