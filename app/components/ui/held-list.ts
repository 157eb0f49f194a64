'use client';
import { useMemo, useState } from 'react';

interface Identified {
  id: string;
}

/**
 * What a held list shows: the rows it had, in their order, with their latest content; a row that left stays as it last was.
 * Rows that belong behind the last one are appended, since that moves nothing; `fresh` counts those that would push others aside.
 */
export function holdList<T extends Identified>(held: readonly T[], items: readonly T[]): { shown: T[]; fresh: number } {
  const latest = new Map(items.map((item) => [item.id, item]));
  const known = new Set(held.map((item) => item.id));
  const end = items.findLastIndex((item) => known.has(item.id)) + 1;
  const shown = held.map((item) => latest.get(item.id) ?? item);
  let fresh = 0;
  items.forEach((item, index) => {
    if (known.has(item.id)) return;
    if (index < end) fresh += 1;
    else shown.push(item);
  });
  return { shown, fresh };
}

/**
 * Keeps rows still while the pointer or the focus is on them, or while `hold` is set. Spread `handlers` on the list's element;
 * `show` lets the new ones in at once; a new `resetKey` (another sort, another filter) begins anew.
 */
export function useHeldList<T extends Identified>(items: readonly T[], { hold = false, resetKey = '' } = {}) {
  const [engaged, setEngaged] = useState(false);
  const [frozen, setFrozen] = useState<{ key: string; items: readonly T[] } | null>(null);
  const isHeld = engaged || hold;
  if (isHeld && frozen?.key !== resetKey) setFrozen({ key: resetKey, items });
  if (!isHeld && frozen) setFrozen(null);
  const held = isHeld && frozen?.key === resetKey ? frozen.items : null;
  // The same rows must be the same array: ten thousand of them are drawn by what changed.
  const { shown, fresh } = useMemo(
    () => (held ? holdList(held, items) : { shown: items as T[], fresh: 0 }),
    [held, items],
  );
  const handlers = {
    onPointerEnter: () => setEngaged(true),
    onPointerLeave: (event: React.PointerEvent<HTMLElement>) =>
      setEngaged(event.currentTarget.contains(document.activeElement)),
    onFocus: () => setEngaged(true),
    onBlur: (event: React.FocusEvent<HTMLElement>) =>
      setEngaged(event.currentTarget.contains(event.relatedTarget) || event.currentTarget.matches(':hover')),
  };
  return { shown, fresh, show: () => setFrozen({ key: resetKey, items }), handlers };
}
