'use client';
import type { Site } from '@/lib/api/schemas';
import { HQ_SITE_ID } from '@/lib/domain/naming';
import { formatCount } from '@/lib/format';
import { useRequests } from '@/lib/queries/requests';
import { requestStatusStyle } from '../hq/request-status';
import { Ago, Bytes, Figure } from '../ui/figures';
import { Note, Nothing, Problem, Skeleton } from '../ui/notes';
import { Panel } from '../ui/panel';
import { PlainTable } from '../ui/plain-table';
import { StatusBadge } from '../ui/status-badge';

/** An edge that another process hosts: says so, and shows what HQ knows of it, no more. */
export function RemoteEdge({ site }: { site: Site }) {
  const { data, error, refetch } = useRequests(HQ_SITE_ID);
  const requests = data?.requests.filter((request) => request.edge === site.id);
  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-3 p-3 sm:p-4">
      <h1 className="text-xl font-semibold tracking-tight">{site.id}</h1>
      <Note tone="waiting">
        {site.id} is hosted elsewhere. Its table, mirror and files are on its own page, at its own server; this server
        knows only what its link reports to HQ.
      </Note>
      <Panel title="What HQ knows">
        <dl className="grid grid-cols-2 gap-4 p-3 sm:max-w-md">
          <Figure label="Last heard">
            <Ago at={site.remote?.lastSeenAt} never="never" />
          </Figure>
          <Figure label="Records behind, as of then">{formatCount(site.remote?.lagRecords)}</Figure>
        </dl>
      </Panel>
      <Panel title={`Requests of ${site.id}`}>
        {error && !data ? (
          <Problem error={error} onRetry={() => void refetch()} />
        ) : !requests ? (
          <Skeleton className="m-3 h-20" />
        ) : requests.length === 0 ? (
          <Nothing title={`${site.id} has not asked for anything yet`} />
        ) : (
          <PlainTable
            label={`Requests of ${site.id}`}
            rows={requests}
            rowKey={(request) => request.id}
            columns={[
              { name: 'Asset', cell: (request) => request.title ?? request.assetId },
              {
                name: 'Status',
                cell: (request) => (
                  <StatusBadge style={requestStatusStyle(request.status)} reason={request.reason} plain />
                ),
              },
              { name: 'Size', className: 'text-right', cell: (request) => <Bytes value={request.bytes} /> },
              { name: 'Changed', className: 'text-right', cell: (request) => <Ago at={request.updatedAt} /> },
            ]}
          />
        )}
      </Panel>
    </div>
  );
}
