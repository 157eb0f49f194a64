'use client';
import { type MouseEvent, memo } from 'react';
import type { AssetSummary } from '@/lib/api/schemas';
import { AssetPicture } from '../../assets/asset-picture';
import { assetStatusStyle } from '../../assets/asset-status';
import { cx } from '../../ui/cx';
import { Ago, Bytes } from '../../ui/figures';
import { StatusBadge } from '../../ui/status-badge';

/** The columns: tick, picture, title, size, age, status. On a narrow table size and age stand under the title. */
export const ROW_GRID =
  'grid grid-cols-[2.25rem_3.5rem_minmax(0,1fr)_6.5rem] items-center @xl:grid-cols-[2.25rem_3.5rem_minmax(0,1fr)_5rem_5.5rem_7rem]';

export interface RowEvents {
  onOpen: (id: string) => void;
  /** A click on the row: Shift extends the selection, Ctrl or Cmd toggles, plain opens. */
  onRowClick: (id: string, event: MouseEvent) => void;
  onTick: (id: string, extend: boolean) => void;
}

export const rowDomId = (id: string) => `asset-row-${id}`;

/** One asset of the table. Memoised: of ten thousand, only what changed is drawn again. */
export const AssetRow = memo(function AssetRow({
  asset,
  index,
  top,
  selected,
  active,
  events,
}: {
  asset: AssetSummary;
  index: number;
  /** Px from the top of the list. */
  top: number;
  selected: boolean;
  active: boolean;
  events: RowEvents;
}) {
  const style = assetStatusStyle(asset);
  return (
    <tr
      id={rowDomId(asset.id)}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-testid="asset-row"
      data-asset={asset.id}
      data-status={asset.status}
      onClick={(event) => events.onRowClick(asset.id, event)}
      style={{ transform: `translateY(${top}px)` }}
      className={cx(
        ROW_GRID,
        'absolute inset-x-0 top-0 h-12 cursor-pointer border-b border-line/60',
        selected ? 'bg-accent/12' : 'hover:bg-raised/60',
        active && 'outline-2 -outline-offset-2 outline-transparent group-focus-visible/grid:outline-accent',
      )}
    >
      <td className="flex h-full items-center justify-center">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${asset.title}`}
          checked={selected}
          onClick={(event) => {
            event.stopPropagation();
            events.onTick(asset.id, event.shiftKey);
          }}
          onChange={noChange}
          className="size-4 accent-accent"
        />
      </td>
      <td>
        <AssetPicture asset={asset} tiny className="h-9 w-12 rounded-sm" />
      </td>
      <td className="min-w-0 px-2">
        <p className="truncate text-sm font-medium text-ink" title={asset.title}>
          {asset.title}
        </p>
        <p className="truncate text-2xs text-ink-faint">
          <span className="@xl:hidden">
            <Bytes value={asset.bytes} /> · <Ago at={asset.createdAt} />
            {asset.reason && ' · '}
          </span>
          {asset.reason ? (
            <span className="text-failed">{asset.reason}</span>
          ) : (
            <span className="hidden @xl:inline">{asset.keywords.join(', ') || asset.feed}</span>
          )}
        </p>
      </td>
      <td className="hidden px-2 text-right text-xs text-ink-soft @xl:block">
        <Bytes value={asset.bytes} />
      </td>
      <td className="hidden px-2 text-right text-xs text-ink-soft @xl:block">
        <Ago at={asset.createdAt} />
      </td>
      <td className="px-2">
        <StatusBadge style={style} reason={asset.reason} />
      </td>
    </tr>
  );
});

/** The click above has done it; React wants a handler beside `checked`. */
const noChange = () => undefined;
