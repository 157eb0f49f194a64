import { act, cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { holdList, useHeldList } from './held-list';
import { NewItems } from './new-items';

const items = (...names: string[]) => names.map((id) => ({ id, text: id }));
const ids = (list: { id: string }[]) => list.map((item) => item.id).join('');

describe('a held list', () => {
  it('counts rows that would push others aside, and appends those that would not', () => {
    const { shown, fresh } = holdList(items('b', 'c'), items('x', 'b', 'y', 'c', 'z'));
    expect([ids(shown), fresh]).toEqual(['bcz', 2]);
  });
  it('keeps the order it had and shows the latest content', () => {
    const { shown } = holdList(items('a', 'b'), [
      { id: 'b', text: 'changed' },
      { id: 'a', text: 'a' },
    ]);
    expect(shown.map((item) => item.text)).toEqual(['a', 'changed']);
  });
  it('keeps a row that left as it last was', () => {
    expect(ids(holdList(items('a', 'b'), items('b')).shown)).toBe('ab');
  });
  it('takes all rows when it had none', () => {
    expect(holdList([], items('a', 'b'))).toMatchObject({ shown: items('a', 'b'), fresh: 0 });
  });
});

function List({ rows, resetKey = '' }: { rows: { id: string }[]; resetKey?: string }) {
  const { shown, fresh, show, handlers } = useHeldList(rows, { resetKey });
  return (
    <>
      <NewItems count={fresh} onShow={show} />
      <ul {...handlers} data-testid="list">
        {shown.map((row) => (
          <li key={row.id}>{row.id}</li>
        ))}
      </ul>
    </>
  );
}
const text = () => screen.getByTestId('list').textContent;

describe('rows under the pointer', () => {
  afterEach(cleanup);

  it('stay while it is there, are offered as new, and come in when it leaves', async () => {
    const user = userEvent.setup();
    const { rerender } = render(<List rows={items('a', 'b')} />);
    await user.hover(screen.getByTestId('list'));
    rerender(<List rows={items('n', 'a', 'b')} />);
    expect(text()).toBe('ab');
    expect(screen.getByTestId('new-items').textContent).toBe('1 new: show');
    await user.unhover(screen.getByTestId('list'));
    expect(text()).toBe('nab');
  });

  it('come in at a click on the offer', async () => {
    const user = userEvent.setup();
    const { rerender } = render(<List rows={items('a')} />);
    await user.hover(screen.getByTestId('list'));
    rerender(<List rows={items('n', 'a')} />);
    await act(async () => screen.getByTestId('new-items').click());
    expect(text()).toBe('na');
    expect(screen.queryByTestId('new-items')).toBeNull();
  });

  it('move freely when nothing holds them, and when the view is another', async () => {
    const user = userEvent.setup();
    const { rerender } = render(<List rows={items('a')} />);
    rerender(<List rows={items('n', 'a')} />);
    expect(text()).toBe('na');
    await user.hover(screen.getByTestId('list'));
    rerender(<List rows={items('a', 'n')} resetKey="other sort" />);
    expect(text()).toBe('an');
  });
});
