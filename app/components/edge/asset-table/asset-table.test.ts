import { describe, expect, it } from 'vitest';
import { anAsset } from '@/lib/queries/testing/fixtures';
import { costOf, isCancellable, isRequestable } from './cost';
import { gridAction } from './grid-keys';
import { columnFilters, matchesSearch } from './model';
import { coverage, extendTo, NOTHING_SELECTED, selectAll, toggle } from './selection';
import { nextSort, SORTS, sortingOf } from './table-state';

const order = ['a', 'b', 'c', 'd', 'e'];
const ids = (selection: { ids: ReadonlySet<string> }) => [...selection.ids].sort().join('');

describe('the selection', () => {
  it('toggles a row and remembers where a range begins', () => {
    const one = toggle(NOTHING_SELECTED, 'b');
    expect([ids(one), one.anchor]).toEqual(['b', 'b']);
    expect(ids(toggle(one, 'b'))).toBe('');
  });

  it('extends from the anchor in both directions, and keeps the anchor', () => {
    const start = toggle(NOTHING_SELECTED, 'c');
    const down = extendTo(start, 'e', order);
    expect(ids(down)).toBe('cde');
    expect(ids(extendTo(down, 'a', order))).toBe('abcde');
    expect(down.anchor).toBe('c');
  });

  it('extends in the order shown, not in that of the data', () => {
    expect(ids(extendTo(toggle(NOTHING_SELECTED, 'e'), 'a', ['a', 'e', 'b', 'c', 'd']))).toBe('ae');
  });

  it('begins at the row itself when the anchor is not in view', () => {
    const hidden = toggle(NOTHING_SELECTED, 'x');
    expect([ids(extendTo(hidden, 'b', order)), extendTo(hidden, 'b', order).anchor]).toEqual(['bx', 'b']);
    expect(extendTo(hidden, 'not-shown', order)).toBe(hidden);
  });

  it('knows how much of what is shown it covers', () => {
    expect(coverage(NOTHING_SELECTED, order)).toBe('none');
    expect(coverage(toggle(NOTHING_SELECTED, 'x'), order)).toBe('none');
    expect(coverage(toggle(NOTHING_SELECTED, 'a'), order)).toBe('some');
    expect(coverage(selectAll(toggle(NOTHING_SELECTED, 'x'), order), order)).toBe('all');
  });
});

describe('the cost', () => {
  it('is the bytes, and the time they take at the rate', () => {
    expect(
      costOf([{ bytes: 3000 }, { bytes: 1000 }, { bytes: null }], { bytesPerSecond: 2000, orMore: false }),
    ).toEqual({
      bytes: 4000,
      unsized: 1,
      seconds: 2,
    });
  });
  it('has no time while the rate is not known', () => {
    expect(costOf([{ bytes: 1 }], null).seconds).toBeNull();
  });
  it('knows what can be requested and what can be withdrawn', () => {
    expect(
      ['available', 'failed', 'cancelled', 'requested', 'delivered'].map((status) => isRequestable({ status })),
    ).toEqual([true, true, true, false, false]);
    expect(isCancellable({ status: 'requested', requestId: 'r' })).toBe(true);
    expect(isCancellable({ status: 'requested', requestId: null })).toBe(false);
    expect(isCancellable({ status: 'delivered', requestId: 'r' })).toBe(false);
  });
});

describe('the keys', () => {
  const key = (name: string, modifiers: object = {}) => ({
    key: name,
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    ...modifiers,
  });
  it.each([
    ['ArrowDown', 2, 3],
    ['ArrowDown', 9, 9],
    ['ArrowDown', -1, 0],
    ['ArrowUp', 0, 0],
    ['ArrowUp', -1, 0],
    ['PageDown', 2, 7],
    ['PageUp', 2, 0],
    ['Home', 5, 0],
    ['End', 5, 9],
  ])('%s from row %i goes to row %i', (name, from, to) => {
    expect(gridAction(key(name), from, 10, 5)).toEqual({ kind: 'move', to, extend: false });
  });
  it('extend with Shift, select with Space and Ctrl+A, open with Enter, clear with Esc', () => {
    expect(gridAction(key('ArrowDown', { shiftKey: true }), 1, 10, 5)).toEqual({ kind: 'move', to: 2, extend: true });
    expect(gridAction(key(' '), 1, 10, 5)).toEqual({ kind: 'toggle' });
    expect(gridAction(key('a', { metaKey: true }), 1, 10, 5)).toEqual({ kind: 'select-all' });
    expect(gridAction(key('Enter'), 1, 10, 5)).toEqual({ kind: 'open' });
    expect(gridAction(key('Escape'), 1, 10, 5)).toEqual({ kind: 'clear' });
  });
  it('are left to the page where the grid has no use for them', () => {
    expect(gridAction(key('a'), 1, 10, 5)).toBeNull();
    expect(gridAction(key('Tab'), 1, 10, 5)).toBeNull();
    expect(gridAction(key('ArrowDown'), -1, 0, 5)).toBeNull();
    expect(gridAction(key(' '), -1, 10, 5)).toBeNull();
  });
});

describe('search, filter and sort', () => {
  it('finds every word, anywhere in title, keywords, feed and id', () => {
    const asset = anAsset('sample-nile-1', { title: 'Nile Delta, pass 3', keywords: ['river', 'desert'] });
    expect(matchesSearch(asset, 'nile RIVER')).toBe(true);
    expect(matchesSearch(asset, 'pass  3')).toBe(true);
    expect(matchesSearch(asset, 'nile lake')).toBe(false);
  });
  it('sets no filter for an empty search', () => {
    expect(columnFilters('  ', [])).toEqual([]);
    expect(columnFilters(' nile ', ['ready'])).toEqual([
      { id: 'title', value: 'nile' },
      { id: 'status', value: ['ready'] },
    ]);
  });
  it('turns a sort around at the second click', () => {
    expect(nextSort('bytes', 'newest')).toBe('-bytes');
    expect(nextSort('bytes', '-bytes')).toBe('bytes');
    expect(nextSort('age', 'newest')).toBe('oldest');
    for (const sort of SORTS) expect(sortingOf(sort)).toHaveLength(1);
  });
});
