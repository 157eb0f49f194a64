import { act, cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { anAsset } from '@/lib/queries/testing/fixtures';
import { AssetGrid } from './asset-grid';
import { NOTHING_SELECTED, type Selection } from './selection';

const ROWS = 2000;
const assets = Array.from({ length: ROWS }, (_, n) => anAsset(`a${n}`));
let selection: Selection;
const onOpen = vi.fn();

function Grid({ rows = assets }: { rows?: typeof assets }) {
  const [selected, setSelected] = useState(NOTHING_SELECTED);
  selection = selected;
  return (
    <AssetGrid
      assets={rows}
      sort="newest"
      onSort={() => undefined}
      selection={selected}
      setSelection={setSelected}
      onOpen={onOpen}
      viewKey="view"
    />
  );
}
const ids = () => [...selection.ids];
const activeRow = () => screen.getByTestId('asset-grid').getAttribute('aria-activedescendant');

beforeEach(() => {
  // jsdom lays nothing out: the grid is given a height, and scrolling is taken note of.
  const ignore = () => undefined;
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe = ignore;
      unobserve = ignore;
      disconnect = ignore;
    },
  );
  document.documentElement.style.fontSize = '16px';
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(480);
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(480);
  HTMLElement.prototype.scrollTo = () => undefined;
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  onOpen.mockReset();
});

describe('the asset grid', () => {
  it('tells of every row and draws those in sight', () => {
    render(<Grid />);
    expect(screen.getByTestId('asset-grid').getAttribute('aria-rowcount')).toBe(String(ROWS + 1));
    const drawn = screen.getAllByTestId('asset-row').length;
    expect(drawn).toBeGreaterThan(9);
    expect(drawn).toBeLessThan(60);
  });

  it('is worked by keyboard alone', async () => {
    const user = userEvent.setup();
    render(<Grid />);
    screen.getByTestId('asset-grid').focus();
    await user.keyboard('{ArrowDown}');
    expect(activeRow()).toBe('asset-row-a1');
    await user.keyboard(' ');
    expect(ids()).toEqual(['a1']);
    await user.keyboard('{Shift>}{ArrowDown}{ArrowDown}{/Shift}');
    expect(ids()).toEqual(['a1', 'a2', 'a3']);
    await user.keyboard('{Enter}');
    expect(onOpen).toHaveBeenCalledExactlyOnceWith('a3');
    await user.keyboard('{Control>}a{/Control}');
    expect(ids()).toHaveLength(ROWS);
    await user.keyboard('{Escape}');
    expect(ids()).toEqual([]);
  });

  it('begins a range at the row the keyboard is on', async () => {
    const user = userEvent.setup();
    render(<Grid />);
    screen.getByTestId('asset-grid').focus();
    await user.keyboard('{ArrowDown}{ArrowDown}{Shift>}{ArrowDown}{/Shift}');
    expect(ids()).toEqual(['a2', 'a3']);
  });

  it('selects a range of ticks with Shift, and opens a row by a click', async () => {
    const user = userEvent.setup();
    render(<Grid />);
    await user.click(screen.getByLabelText('Select Asset a2'));
    await user.keyboard('{Shift>}');
    await user.click(screen.getByLabelText('Select Asset a5'));
    await user.keyboard('{/Shift}');
    expect(ids()).toEqual(['a2', 'a3', 'a4', 'a5']);
    await user.click(screen.getByText('Asset a4'));
    expect(onOpen).toHaveBeenCalledExactlyOnceWith('a4');
  });

  it('keeps its rows where they are while the focus is on them', () => {
    const { rerender } = render(<Grid />);
    act(() => screen.getByTestId('asset-grid').focus());
    rerender(<Grid rows={[anAsset('n'), ...assets]} />);
    expect(screen.getAllByTestId('asset-row')[0]?.getAttribute('data-asset')).toBe('a0');
    expect(screen.getByTestId('new-items').textContent).toBe('1 new: show');
  });
});
