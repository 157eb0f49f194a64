/** What a key does in the asset grid. Pure: the grid applies it. */
export type GridAction =
  | { kind: 'move'; to: number; extend: boolean }
  | { kind: 'toggle' }
  | { kind: 'select-all' }
  | { kind: 'clear' }
  | { kind: 'open' };

export interface GridKey {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

/** Null: the key is not the grid's. `active` is -1 while no row is. */
export function gridAction(event: GridKey, active: number, rows: number, pageRows: number): GridAction | null {
  const move = (to: number): GridAction | null =>
    rows === 0 ? null : { kind: 'move', to: Math.max(0, Math.min(rows - 1, to)), extend: event.shiftKey };
  switch (event.key) {
    case 'ArrowDown':
      return move(active + 1);
    case 'ArrowUp':
      return move(active < 0 ? 0 : active - 1);
    case 'PageDown':
      return move(active + pageRows);
    case 'PageUp':
      return move(active - pageRows);
    case 'Home':
      return move(0);
    case 'End':
      return move(rows - 1);
    case ' ':
      return active < 0 ? null : { kind: 'toggle' };
    case 'Enter':
      return active < 0 ? null : { kind: 'open' };
    case 'Escape':
      return { kind: 'clear' };
    case 'a':
      return event.ctrlKey || event.metaKey ? { kind: 'select-all' } : null;
    default:
      return null;
  }
}
