'use client';
import { LogOut } from 'lucide-react';
import type { SessionInfo } from '@/lib/api/access-schemas';
import { useEndSession, useSessions } from '@/lib/queries/access';
import { showFailure } from '@/lib/ui-state/toasts';
import { Button } from '../ui/button';
import { Ago } from '../ui/figures';
import { Nothing, Problem, Skeleton } from '../ui/notes';
import { Panel } from '../ui/panel';
import { PlainTable } from '../ui/plain-table';

/** Who is signed in, and from where: everybody for an administrator, oneself for others. */
export function SessionsPanel({ title }: { title: string }) {
  return (
    <Panel title={title}>
      <SessionsTable />
    </Panel>
  );
}

function SessionsTable() {
  const { data, error, refetch } = useSessions();
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="m-3 h-16" />;
  if (data.sessions.length === 0)
    return <Nothing title="No sessions">Who comes through a proxy, or with a token, has none.</Nothing>;
  return (
    <PlainTable<SessionInfo>
      label="Sessions"
      rows={data.sessions}
      rowKey={(session) => session.id}
      columns={[
        {
          name: 'Who',
          cell: (session) => (
            <>
              <span className="font-medium">{session.name}</span>
              {session.current && <span className="block text-2xs text-ink-faint sm:ml-2 sm:inline">this browser</span>}
            </>
          ),
        },
        { name: 'From', cell: (session) => <span className="font-mono">{session.address}</span> },
        {
          name: 'Browser',
          className: 'hidden max-w-56 md:table-cell',
          cell: (session) => (
            <span className="block truncate text-ink-soft" title={session.agent}>
              {session.agent || '–'}
            </span>
          ),
        },
        { name: 'Last seen', className: 'text-right', cell: (session) => <Ago at={session.seenAt} /> },
        { name: 'Action', className: 'text-right', cell: (session) => <EndButton session={session} /> },
      ]}
    />
  );
}

function EndButton({ session }: { session: SessionInfo }) {
  const end = useEndSession();
  return (
    <Button
      size="sm"
      icon={LogOut}
      pending={end.isPending}
      aria-label={`End the session of ${session.name}`}
      onClick={() => end.mutate(session.id, { onError: (error) => showFailure('The session was not ended', error) })}
    >
      End
    </Button>
  );
}
