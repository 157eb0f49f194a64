import type { ReactNode } from 'react';
import { cx } from './cx';

export interface Column<T> {
  name: string;
  /** Classes for the cells and the header, e.g. alignment or what is hidden on a narrow page. */
  className?: string;
  cell: (row: T) => ReactNode;
}

/** A short table: lists of tens of rows. The asset table is another thing. */
export function PlainTable<T>({
  rows,
  columns,
  rowKey,
  label,
}: {
  rows: readonly T[];
  columns: Column<T>[];
  rowKey: (row: T) => string;
  label: string;
}) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
      tabIndex={0}
      className="scroll-quiet max-h-96 overflow-auto focus-visible:-outline-offset-2"
    >
      <table className="w-full text-xs">
        <thead className="sticky top-0 z-10 bg-surface text-left text-2xs text-ink-faint">
          <tr>
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                className={cx('px-3 py-1.5 font-medium whitespace-nowrap', column.className)}
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-t border-line hover:bg-raised/50">
              {columns.map((column) => (
                <td key={column.name} className={cx('px-3 py-1.5 align-middle', column.className)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
