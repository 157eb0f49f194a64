import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { Lane } from './lane';

afterEach(cleanup);

it('says why it has nothing to show, instead of waiting for ever', () => {
  const lane = (items: { id: string }[] | undefined) => (
    <Lane
      service={undefined}
      name="Announced assets"
      items={items}
      error={new Error('PostgreSQL at db:5432 refused the connection')}
      empty={{ title: 'Nothing yet', next: 'Wait' }}
      render={({ id }) => <span>{id}</span>}
    />
  );
  const { rerender } = render(lane(undefined));
  expect(screen.getByText('PostgreSQL at db:5432 refused the connection')).toBeTruthy();
  // What was read before stays in sight.
  rerender(lane([{ id: 'Harbour' }]));
  expect(screen.getByText('Harbour')).toBeTruthy();
  expect(screen.queryByText('PostgreSQL at db:5432 refused the connection')).toBeNull();
});
