'use client';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { cx } from '../../ui/cx';
import { ROW_GRID } from './asset-row';
import { nextSort, type Sort, sortingOf } from './table-state';

/** The head of the grid: select all, and a sort a column. */
export function GridHeader({
  sort,
  onSort,
  covered,
  onToggleAll,
}: {
  sort: Sort;
  onSort: (sort: Sort) => void;
  covered: 'all' | 'some' | 'none';
  onToggleAll: () => void;
}) {
  const tick = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (tick.current) tick.current.indeterminate = covered === 'some';
  }, [covered]);
  const column = (id: string, label: string, className?: string) => (
    <SortHeader id={id} label={label} sort={sort} onSort={onSort} className={className} />
  );
  return (
    <tr aria-rowindex={1} className={cx(ROW_GRID, 'h-9 border-b border-line bg-surface')}>
      <th scope="col" className="flex h-full items-center justify-center">
        <input
          ref={tick}
          type="checkbox"
          aria-label={covered === 'all' ? 'Select none' : 'Select all shown'}
          checked={covered === 'all'}
          onChange={onToggleAll}
          className="size-4 accent-accent"
        />
      </th>
      <th scope="col">
        <span className="sr-only">Picture</span>
      </th>
      {column('title', 'Asset')}
      {column('bytes', 'Size', 'hidden @xl:flex justify-end')}
      {column('age', 'Age', 'hidden @xl:flex justify-end')}
      {column('status', 'Status')}
    </tr>
  );
}

function SortHeader({
  id,
  label,
  sort,
  onSort,
  className,
}: {
  id: string;
  label: string;
  sort: Sort;
  onSort: (sort: Sort) => void;
  className?: string | undefined;
}) {
  const [current] = sortingOf(sort);
  const sorted = current?.id === id;
  // An old asset has a great age: newest first is the smallest age first.
  const descending = sorted && (id === 'age' ? !current.desc : current.desc);
  const Arrow = descending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={sorted ? (descending ? 'descending' : 'ascending') : 'none'}
      className={cx('flex h-full min-w-0 items-center', className)}
    >
      <button
        type="button"
        onClick={() => onSort(nextSort(id, sort))}
        className={cx(
          'flex h-full items-center gap-1 rounded-sm px-2 text-2xs font-medium focus-visible:-outline-offset-2',
          sorted ? 'text-ink' : 'text-ink-faint hover:text-ink',
        )}
      >
        {label}
        {sorted && <Arrow aria-hidden className="size-3" />}
      </button>
    </th>
  );
}
