/** Which rows are selected. Pure; ids, so that a row stays selected when it moves or is filtered out. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** Where a range begins: the row selected last without Shift. */
  readonly anchor: string | null;
}
export const NOTHING_SELECTED: Selection = { ids: new Set(), anchor: null };

export function toggle({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** Adds every row from the anchor to `id`, in the order shown; without an anchor in view just `id`. */
export function extendTo(selection: Selection, id: string, order: readonly string[]): Selection {
  const to = order.indexOf(id);
  if (to < 0) return selection;
  const anchorAt = selection.anchor === null ? -1 : order.indexOf(selection.anchor);
  const from = anchorAt < 0 ? to : anchorAt;
  const next = new Set(selection.ids);
  for (let at = Math.min(from, to); at <= Math.max(from, to); at += 1) next.add(order[at] as string);
  return { ids: next, anchor: anchorAt < 0 ? id : selection.anchor };
}

export const selectAll = (selection: Selection, order: readonly string[]): Selection => ({
  ids: new Set([...selection.ids, ...order]),
  anchor: selection.anchor,
});

/** `all` of the rows shown are selected, `some`, or `none`. */
export function coverage({ ids }: Selection, order: readonly string[]): 'all' | 'some' | 'none' {
  if (ids.size === 0 || order.length === 0) return 'none';
  const count = order.reduce((sum, id) => sum + (ids.has(id) ? 1 : 0), 0);
  return count === 0 ? 'none' : count === order.length ? 'all' : 'some';
}
