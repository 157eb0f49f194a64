'use client';
import type { RequestInfo } from '@/lib/api/schemas';
import { HQ_SITE_ID } from '@/lib/domain/naming';
import { useRequests } from '@/lib/queries/requests';
import { Ago, Bytes } from '../ui/figures';
import { Nothing, Problem, Skeleton } from '../ui/notes';
import { PlainTable } from '../ui/plain-table';
import { StatusBadge } from '../ui/status-badge';
import { requestStatusStyle } from './request-status';

/** What the edges asked for, and how far each request is. */
export function RequestsTable({ onOpen }: { onOpen: (assetId: string) => void }) {
  const { data, error, refetch } = useRequests(HQ_SITE_ID);
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="m-3 h-24" />;
  if (data.requests.length === 0)
    return (
      <Nothing title="No edge has asked for anything yet">
        A field team asks on its own page; its requests come over the link.
      </Nothing>
    );
  const rows = [...data.requests].sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
  return (
    <PlainTable<RequestInfo>
      label="Edge requests"
      rows={rows}
      rowKey={(request) => request.id}
      columns={[
        { name: 'Edge', cell: (request) => <span className="font-medium">{request.edge}</span> },
        {
          name: 'Asset',
          className: 'max-w-60',
          cell: (request) => (
            <button
              type="button"
              onClick={() => onOpen(request.assetId)}
              className="max-w-full truncate rounded-sm text-left hover:underline"
            >
              {request.title ?? request.assetId}
            </button>
          ),
        },
        {
          name: 'Status',
          cell: (request) => <StatusBadge style={requestStatusStyle(request.status)} reason={request.reason} plain />,
        },
        { name: 'Reason', className: 'hidden md:table-cell text-ink-soft', cell: (request) => request.reason ?? '' },
        { name: 'Size', className: 'text-right', cell: (request) => <Bytes value={request.bytes} /> },
        {
          name: 'Asked',
          className: 'text-right hidden sm:table-cell',
          cell: (request) => <Ago at={request.createdAt} />,
        },
        { name: 'Changed', className: 'text-right', cell: (request) => <Ago at={request.updatedAt} /> },
      ]}
    />
  );
}
