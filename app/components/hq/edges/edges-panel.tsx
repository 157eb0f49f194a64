'use client';
import { ShieldOff } from 'lucide-react';
import { useState } from 'react';
import type { DoorEventInfo, EdgeAccessInfo, EdgeCredential } from '@/lib/api/schemas';
import { EDGE_ACCESS_STYLE, edgeAccessState } from '@/lib/domain/edge-status';
import { useEdges, useRevoke } from '@/lib/queries/edges';
import { showFailure } from '@/lib/ui-state/toasts';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Ago } from '../../ui/figures';
import { Note, Nothing, Problem, Skeleton } from '../../ui/notes';
import { type Column, PlainTable } from '../../ui/plain-table';
import { StatusBadge } from '../../ui/status-badge';
import { EnrolForm } from './enrol-form';

/** A certificate that ends sooner is told; a start renews one that Fieldline made. */
const CERTIFICATE_DAYS_MIN = 30;

/** Which edges may come in at HQ's doors, a way to let one in, and what was refused. */
export function EdgesPanel({ site }: { site: string }) {
  const { data, error, refetch } = useEdges(site);
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="m-3 h-24" />;
  if (!data.guarded)
    return (
      <Nothing title="Whoever reaches HQ’s doors on this machine may use them">
        They listen on this machine only, so that no edge needs a credential. Started for other machines (
        <code>--fabric-host 0.0.0.0 --advertised-host …</code>), HQ asks everybody, and edges are enrolled here.
      </Nothing>
    );
  return (
    <div className="flex flex-col">
      {data.certificateDaysLeft !== null && data.certificateDaysLeft < CERTIFICATE_DAYS_MIN && (
        <Note tone="attention" className="m-3 mb-0">
          The certificate of HQ’s doors ends in {data.certificateDaysLeft} days. Edges are shut out then: start HQ anew,
          or replace the certificate that its settings name.
        </Note>
      )}
      <EnrolForm site={site} taken={data.edges} />
      <Edges site={site} access={data} />
      <Events events={data.events} />
    </div>
  );
}

function Edges({ site, access }: { site: string; access: EdgeAccessInfo }) {
  if (access.edges.length === 0)
    return (
      <Nothing title="No edge is enrolled">
        Enrol one: it gets a credential of its own, which you can take back.
      </Nothing>
    );
  return (
    <PlainTable<EdgeCredential>
      label="Edges and their credentials"
      rows={access.edges}
      rowKey={({ edge }) => edge}
      columns={[
        { name: 'Edge', cell: ({ edge }) => <span className="font-medium">{edge}</span> },
        { name: 'Credential', cell: (edge) => <StatusBadge plain style={EDGE_ACCESS_STYLE[edgeAccessState(edge)]} /> },
        {
          name: 'Enrolled',
          className: 'hidden sm:table-cell',
          cell: ({ enrolledAt }) => <Ago at={enrolledAt} never="never" />,
        },
        {
          name: 'Last sign-in',
          cell: ({ lastSignInAt, lastAddress }) => (
            <span title={lastAddress ? `from ${lastAddress}` : undefined}>
              <Ago at={lastSignInAt} never="not since HQ’s start" />
            </span>
          ),
        },
        { name: 'Action', className: 'text-right', cell: (edge) => <RevokeButton site={site} edge={edge} /> },
      ]}
    />
  );
}

function RevokeButton({ site, edge }: { site: string; edge: EdgeCredential }) {
  const [asking, setAsking] = useState(false);
  const revoke = useRevoke(site);
  const state = edgeAccessState(edge);
  return (
    <>
      <Button
        size="sm"
        kind="danger"
        icon={ShieldOff}
        pending={revoke.isPending}
        unavailable={state === 'enrolled' || state === 'invited' ? null : 'It has nothing to take back'}
        aria-label={`Revoke ${edge.edge}`}
        onClick={() => setAsking(true)}
      >
        Revoke
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Revoke ${edge.edge}?`}
        action={`Revoke ${edge.edge}`}
        onConfirm={() =>
          revoke.mutate(edge.edge, { onError: (failure) => showFailure(`${edge.edge} was not revoked`, failure) })
        }
      >
        Its link ends at once, and its credential is good for nothing. What it has already stays there. To come in again
        it has to be enrolled anew.
      </Confirm>
    </>
  );
}

const KIND_TONE: Partial<Record<DoorEventInfo['kind'], string>> = {
  refused: 'text-failed',
  'sign-in failed': 'text-failed',
  'enrolment failed': 'text-failed',
};

const EVENT_COLUMNS: Column<DoorEventInfo>[] = [
  { name: 'When', cell: ({ at }) => <Ago at={at} /> },
  {
    name: 'What',
    cell: ({ kind, count }) => (
      <span className={KIND_TONE[kind] ?? 'text-ink-soft'}>
        {kind}
        {count > 1 && ` × ${count}`}
      </span>
    ),
  },
  { name: 'Who', cell: ({ principal }) => <span className="font-medium">{principal}</span> },
  { name: 'Tried to', className: 'w-1/2 break-all', cell: ({ what }) => what },
  {
    name: 'From',
    className: 'hidden md:table-cell font-mono text-2xs',
    cell: ({ address, door }) => `${address} (${door})`,
  },
];

function Events({ events }: { events: readonly DoorEventInfo[] }) {
  if (events.length === 0) return null;
  return (
    <>
      <h3 className="border-t border-line px-3 pt-3 pb-1 text-xs font-semibold text-ink-soft">
        At HQ’s doors, newest first
      </h3>
      <PlainTable<DoorEventInfo>
        label="What happened at HQ’s doors"
        rows={events}
        rowKey={(event) => `${event.at} ${event.principal} ${event.kind} ${event.what}`}
        columns={EVENT_COLUMNS}
      />
    </>
  );
}
