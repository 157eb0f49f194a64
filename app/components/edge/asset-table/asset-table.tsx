'use client';
import { useTable } from '@tanstack/react-table';
import { useDeferredValue, useMemo, useState } from 'react';
import { formatCount } from '@/lib/format';
import { CATALOGUE_ROWS_MAX, FOUND_ROWS_MAX, useCatalogue, useFoundAssets } from '@/lib/queries/assets';
import { useLink } from '@/lib/queries/link';
import { Nothing, Problem, Skeleton } from '../../ui/notes';
import { Panel } from '../../ui/panel';
import { AssetGrid } from './asset-grid';
import { FilterBar } from './filter-bar';
import { columnFilters, columns, features, withFound } from './model';
import { NOTHING_SELECTED } from './selection';
import { SelectionBar } from './selection-bar';
import { sortingOf, useTableState } from './table-state';

const ROWS_LOADING = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** All that HQ has, as this edge knows it; ask for what is needed. */
export function AssetTable({
  edge,
  onOpen,
  className,
}: {
  edge: string;
  onOpen: (id: string) => void;
  className?: string;
}) {
  const [{ q, status, sort }, setView] = useTableState();
  const search = useDeferredValue(q);
  const { assets: held, total, isPending, isComplete, error, refetch } = useCatalogue(edge);
  const isCut = total > CATALOGUE_ROWS_MAX;
  const { data: found, isFetching: isSearching } = useFoundAssets(edge, search.trim(), isCut);
  const assets = useMemo(() => withFound(held, found?.assets), [held, found]);
  const { data: link } = useLink(edge);
  const [selection, setSelection] = useState(NOTHING_SELECTED);
  const filters = useMemo(() => columnFilters(search, status), [search, status]);
  const table = useTable({
    features,
    columns,
    data: assets,
    getRowId: (asset) => asset.id,
    state: { columnFilters: filters, sorting: sortingOf(sort) },
  });
  const { rows } = table.getRowModel();
  const shown = useMemo(() => rows.map((row) => row.original), [rows]);
  const selected = useMemo(
    () => (selection.ids.size === 0 ? [] : assets.filter((asset) => selection.ids.has(asset.id))),
    [assets, selection],
  );
  const counts = useMemo(() => {
    const sums: Record<string, number> = {};
    for (const asset of assets) sums[asset.status] = (sums[asset.status] ?? 0) + 1;
    return sums;
  }, [assets]);
  return (
    <Panel
      title="Assets"
      testId="asset-table"
      className={className ?? ''}
      bodyClassName="flex flex-col"
      aside={
        <span className="text-2xs text-ink-faint" aria-live="polite">
          {shown.length === assets.length ? '' : `${formatCount(shown.length)} of `}
          {formatCount(total)} known here
          {!isComplete && assets.length > 0 && `, ${formatCount(assets.length)} read`}
        </span>
      }
    >
      <FilterBar
        search={q}
        onSearch={(text) => void setView({ q: text || null })}
        statuses={status}
        onStatuses={(statuses) => void setView({ status: statuses.length > 0 ? statuses : null })}
        counts={counts}
      />
      {error && assets.length === 0 ? (
        <Problem error={error} onRetry={() => void refetch()} className="flex-1" />
      ) : isPending ? (
        <div className="flex flex-1 flex-col gap-2 overflow-hidden p-3">
          {ROWS_LOADING.map((key) => (
            <Skeleton key={key} className="h-10 shrink-0" />
          ))}
        </div>
      ) : shown.length === 0 ? (
        <Nothing
          className="flex-1"
          title={
            assets.length === 0
              ? 'HQ has not announced anything to this edge yet'
              : isSearching
                ? 'Looking through the older assets'
                : 'No asset fits the search and the filter'
          }
        >
          {assets.length === 0
            ? 'Assets appear here as the link brings their descriptions. If that lasts, look at the link above and at the listener below.'
            : 'Clear them to see all assets.'}
        </Nothing>
      ) : (
        <AssetGrid
          assets={shown}
          sort={sort}
          onSort={(next) => void setView({ sort: next })}
          selection={selection}
          setSelection={setSelection}
          onOpen={onOpen}
          viewKey={`${search}|${status.join()}|${sort}`}
        />
      )}
      {isCut && (
        <p className="border-t border-line px-3 py-1 text-2xs text-ink-faint">
          The newest {formatCount(CATALOGUE_ROWS_MAX)} of {formatCount(total)} are listed here. A search finds the older
          ones as well{(found?.total ?? 0) > FOUND_ROWS_MAX && `: the newest ${formatCount(FOUND_ROWS_MAX)} of them`}.
        </p>
      )}
      <SelectionBar edge={edge} selected={selected} link={link} onClear={() => setSelection(NOTHING_SELECTED)} />
    </Panel>
  );
}
