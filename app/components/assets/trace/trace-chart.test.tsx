import { render, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { TraceSpan } from '@/lib/api/schemas';
import { TraceChart } from './trace-chart';

const BASE = Date.UTC(2026, 0, 2);
const span = (change: Partial<TraceSpan> & { spanId: string }, from: number): TraceSpan => ({
  parentSpanId: null,
  name: change.spanId,
  kind: 'internal',
  site: 'hq',
  service: null,
  startedAt: new Date(BASE + from).toISOString(),
  durationMs: 100,
  error: null,
  attributes: {},
  links: [],
  ...change,
});

it('shows each step with its site and how long it took, and says which failed in a word', () => {
  render(
    <TraceChart
      spans={[
        span({ spanId: 'a', name: 'ingest asset' }, 0),
        span({ spanId: 'b', name: 'download asset', parentSpanId: 'a', error: 'HTTP 404' }, 50),
        span({ spanId: 'c', name: 'process ASSET_BROADCAST', parentSpanId: 'gone', site: 'alpha' }, 3_600_000),
      ]}
    />,
  );
  const [ingest, download, listed] = screen.getAllByRole('listitem');
  expect(within(ingest!).getByText('100 ms')).toBeTruthy();
  expect(within(download!).getByText('failed')).toBeTruthy();
  expect(download!.title).toContain('HTTP 404');
  expect(within(listed!).getByText('alpha')).toBeTruthy();
  expect(listed!.title).toContain('Its parent is kept by another process, or no longer');
  expect(screen.getByText(/3 steps in 1 h; dashed: a wait of 59 min, drawn shorter/)).toBeTruthy();
});
