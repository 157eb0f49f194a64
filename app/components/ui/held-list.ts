'use client';
import { useCallback, useEffect, useRef, useState } from 'react';

interface Identified {
  id: string;
}

/**
 * What a held list shows: the rows that were there when the hold began, with their latest content, in the order they had.
 * Rows that are gone from `items` stay as they last were, so that nothing moves; `fresh` counts the rows not shown.
 */
export function holdList<T extends Identified>(held: readonly T[], items: readonly T[]): { shown: T[]; fresh: number } {
  const latest = new Map(items.map((item) => [item.id, item]));
  const known = new Set(held.map((item) => item.id));
  return {
    shown: held.map((item) => latest.get(item.id) ?? item),
    fresh: items.reduce((count, item) => count + (known.has(item.id) ? 0 : 1), 0),
  };
}

/**
 * Keeps rows still while the pointer or the focus is on them. Spread `handlers` on the list's element;
 * `show` lets the new ones in at once.
 */
export function useHeldList<T extends Identified>(items: readonly T[]) {
  const [held, setHeld] = useState<readonly T[] | null>(null);
  const current = useRef(items);
  useEffect(() => {
    current.current = items;
  }, [items]);
  const hold = useCallback(() => setHeld((before) => before ?? current.current), []);
  const release = useCallback(() => setHeld(null), []);
  const show = useCallback(() => setHeld((before) => (before ? current.current : null)), []);
  const { shown, fresh } = held ? holdList(held, items) : { shown: items as T[], fresh: 0 };
  const handlers = {
    onPointerEnter: hold,
    onPointerLeave: (event: React.PointerEvent<HTMLElement>) => {
      if (!event.currentTarget.contains(document.activeElement)) release();
    },
    onFocus: hold,
    onBlur: (event: React.FocusEvent<HTMLElement>) => {
      if (!event.currentTarget.contains(event.relatedTarget) && !event.currentTarget.matches(':hover')) release();
    },
  };
  return { shown, fresh, show, handlers };
}
