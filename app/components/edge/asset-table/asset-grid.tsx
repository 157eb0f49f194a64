'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type Dispatch, type KeyboardEvent, type SetStateAction, useEffect, useMemo, useRef, useState } from 'react';
import type { AssetSummary } from '@/lib/api/schemas';
import { useHeldList } from '../../ui/held-list';
import { NewItems } from '../../ui/new-items';
import { AssetRow, type RowEvents, rowDomId } from './asset-row';
import { GridHeader } from './grid-header';
import { gridAction } from './grid-keys';
import { coverage, extendTo, NOTHING_SELECTED, type Selection, selectAll, toggle } from './selection';
import type { Sort } from './table-state';

/** Tailwind's h-12, in rem: the page grows on a wall screen. */
const ROW_REM = 3;
const OVERSCAN_ROWS = 8;
const SKIP_HEADER_REM = 2.25;

const remPx = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

/** The rows, of which only those in sight are drawn. Arrows move, Space selects, Shift extends, Enter opens, Esc clears. */
export function AssetGrid({
  assets,
  sort,
  onSort,
  selection,
  setSelection,
  onOpen,
  viewKey,
}: {
  assets: AssetSummary[];
  sort: Sort;
  onSort: (sort: Sort) => void;
  selection: Selection;
  setSelection: Dispatch<SetStateAction<Selection>>;
  onOpen: (id: string) => void;
  /** Changes with filter and sort: rows then take their new places. */
  viewKey: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [rowPx, setRowPx] = useState(ROW_REM * 16);
  const [scrolled, setScrolled] = useState(false);
  const [focused, setFocused] = useState(false);
  const [activeId, setActiveId] = useState<string | null>(null);
  const { shown, fresh, show, handlers } = useHeldList(assets, { hold: scrolled || focused, resetKey: viewKey });
  const order = useMemo(() => shown.map((asset) => asset.id), [shown]);
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    overscan: OVERSCAN_ROWS,
    scrollPaddingStart: rowPx * (SKIP_HEADER_REM / ROW_REM),
  });
  useEffect(() => {
    setRowPx(ROW_REM * remPx());
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row height is the reason to measure again.
  useEffect(() => {
    virtualizer.measure();
  }, [rowPx, virtualizer]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view begins at its top.
  useEffect(() => {
    // Chromium's scrollTo returns a promise, which an effect must not.
    void box.current?.scrollTo({ top: 0 });
  }, [viewKey]);

  const events = useMemo<RowEvents>(
    () => ({
      onOpen,
      onTick: (id, extend) => {
        setActiveId(id);
        setSelection((before) => (extend ? extendTo(before, id, order) : toggle(before, id)));
      },
      onRowClick: (id, event) => {
        setActiveId(id);
        if (event.shiftKey) setSelection((before) => extendTo(before, id, order));
        else if (event.ctrlKey || event.metaKey) setSelection((before) => toggle(before, id));
        else onOpen(id);
      },
    }),
    [onOpen, order, setSelection],
  );

  const active = activeId === null ? -1 : order.indexOf(activeId);
  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>) => {
    if (event.target !== event.currentTarget) return;
    const pageRows = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowPx) - 2);
    const action = gridAction(event, active, order.length, pageRows);
    if (!action) return;
    event.preventDefault();
    if (action.kind === 'move') {
      const id = order[action.to] as string;
      if (action.extend)
        setSelection((before) =>
          extendTo(before.anchor === null && activeId ? toggle(before, activeId) : before, id, order),
        );
      setActiveId(id);
      virtualizer.scrollToIndex(action.to);
    } else if (action.kind === 'select-all') setSelection((before) => selectAll(before, order));
    else if (action.kind === 'clear') setSelection(NOTHING_SELECTED);
    else if (activeId !== null && action.kind === 'toggle') setSelection((before) => toggle(before, activeId));
    else if (activeId !== null) onOpen(activeId);
  };

  const covered = useMemo(() => coverage(selection, order), [selection, order]);
  const visible = virtualizer.getVirtualItems();
  const activeIsDrawn = visible.some((item) => item.index === active);
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div className="absolute inset-x-0 top-11 z-20 flex justify-center">
        <NewItems
          count={fresh}
          onShow={() => {
            show();
            box.current?.scrollTo({ top: 0 });
          }}
        />
      </div>
      <div
        ref={box}
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop > rowPx / 2)}
        className="scroll-quiet @container min-h-0 flex-1 overflow-x-hidden overflow-y-auto"
      >
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose rows are selected by keyboard is a grid.
          role="grid"
          aria-label="Assets"
          aria-multiselectable
          aria-rowcount={shown.length + 1}
          aria-activedescendant={activeId !== null && activeIsDrawn ? rowDomId(activeId) : undefined}
          tabIndex={0}
          data-testid="asset-grid"
          onKeyDown={onKeyDown}
          onFocus={() => {
            setFocused(true);
            setActiveId((before) => before ?? order[0] ?? null);
          }}
          onBlur={() => setFocused(false)}
          className="group/grid block outline-none"
        >
          <thead className="sticky top-0 z-10 block">
            <GridHeader
              sort={sort}
              onSort={onSort}
              covered={covered}
              onToggleAll={() =>
                setSelection((before) => (covered === 'all' ? NOTHING_SELECTED : selectAll(before, order)))
              }
            />
          </thead>
          <tbody {...handlers} className="relative block" style={{ height: virtualizer.getTotalSize() }}>
            {visible.map((item) => {
              const asset = shown[item.index];
              return (
                asset && (
                  <AssetRow
                    key={asset.id}
                    asset={asset}
                    index={item.index}
                    top={item.start}
                    selected={selection.ids.has(asset.id)}
                    active={item.index === active}
                    events={events}
                  />
                )
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}
