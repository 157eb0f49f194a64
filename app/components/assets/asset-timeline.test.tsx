import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { AssetDetail } from '@/lib/api/schemas';
import { AssetTimeline } from './asset-timeline';

const AT = '2026-01-01T00:00:00.000Z';

it("tells the steps of HQ and of an edge's request in the words of the statuses, and for which edge", () => {
  const timeline: AssetDetail['timeline'] = [
    { at: AT, what: 'announced', by: 'feed-ingest' },
    { at: AT, what: 'tried again', by: 'operator' },
    { at: AT, what: 'requested', by: 'alpha', edge: 'alpha' },
    { at: AT, what: 'staged', by: 'responder', edge: 'alpha' },
  ];
  render(<AssetTimeline asset={{ site: 'hq', timeline } as AssetDetail} />);
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    expect.stringContaining('Announced by feed-ingest'),
    expect.stringContaining('tried again by operator'),
    expect.stringContaining('Requested by alpha'),
    expect.stringContaining('Staged for alpha by responder'),
  ]);
});
