import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useConnection } from '@/lib/ui-state/connection';
import { checkSession } from '../access';
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
      onState: (state) => {
        setState(state);
        // An EventSource does not tell a server that is gone from a session that is over.
        if (state.status === 'lost') checkSession().catch(() => undefined);
      },
    });
  }, [client, setState]);
}
