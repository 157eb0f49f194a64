'use client';
import { isFieldlineError } from '@/lib/errors';
import { useConnections } from '@/lib/queries/connections';
import { Nothing, Problem, Skeleton } from '../ui/notes';
import { SiteConnection } from './site-connection';

/** What each site stands on, and how to connect it elsewhere. */
export function SettingsPage() {
  const { data, error, refetch } = useConnections();
  if (isFieldlineError(error, 'FORBIDDEN', 'UNAUTHENTICATED'))
    return (
      <Nothing title="Only administrators see the settings" className="flex-1">
        {error.message}
      </Nothing>
    );
  if (!data && error) return <Problem error={error} onRetry={() => void refetch()} />;
  return (
    <div className="flex w-full flex-1 flex-col gap-3">
      <header>
        <h1 className="text-lg font-semibold">Connections</h1>
        <p className="max-w-2xl text-sm text-ink-soft">
          What each site keeps its streams, tables and volumes on. A new connection is entered, tested and prepared
          while everything goes on; only then does the site go over.
        </p>
      </header>
      {!data && [0, 1].map((index) => <Skeleton key={index} className="h-40" />)}
      {data?.connections.length === 0 && (
        <Nothing title="No site is hosted here">Sites are connected at the server that hosts them.</Nothing>
      )}
      {data?.connections.map((connection) => (
        <SiteConnection key={connection.site} mission={data.mission} connection={connection} />
      ))}
    </div>
  );
}
