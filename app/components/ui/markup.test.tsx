/** What the server writes has no style attribute: the pages' policy would let it have no effect, and report it. */
import { render, screen } from '@testing-library/react';
import { renderToString } from 'react-dom/server';
import { expect, it, vi } from 'vitest';
import { Tabs } from './tabs';
import { Toaster } from './toaster';

const tabs = ['One', 'Two'].map((label) => ({ id: label, label, content: <p>{`The content of ${label}`}</p> }));
const Frame = () => (
  <>
    <Tabs tabs={tabs} value="One" onChange={vi.fn()} label="A choice" />
    <Toaster />
  </>
);

it('leaves style attributes to the browser, where both are whole', () => {
  const markup = renderToString(<Frame />);
  expect(markup).toContain('The content of One');
  expect(markup).not.toContain('style=');
  render(<Frame />);
  expect(screen.getByRole('tabpanel').textContent).toBe('The content of One');
  expect(screen.getByRole('region', { name: /Notifications/ })).toBeTruthy();
});
