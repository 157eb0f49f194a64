import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { Link } from '@/lib/api/schemas';
import type { LinkActivity } from './link-activity';
import { LinkLegend } from './link-legend';

const at = '2026-11-26T12:00:00.000Z';
const direction: Link['inbound'] = {
  state: 'up',
  lagRecords: 0,
  lagBytes: 0,
  lagMs: 0,
  recordsTotal: 3,
  bytesTotal: 300,
  lastError: null,
  lastErrorAt: null,
};
const link: Link = {
  state: 'up',
  inbound: direction,
  outbound: direction,
  upstream: 'hq.example:18443',
  lastSeenAt: at,
  estimatedBytesPerSecond: null,
  conditions: null,
  asOf: at,
};
const still: LinkActivity['inbound'] = { state: 'up', bytesPerSecond: 0, moving: false };
const activity: LinkActivity = { inbound: still, outbound: still, files: still };

afterEach(cleanup);

const show = (turned: boolean) =>
  render(
    <LinkLegend
      edge="alpha"
      link={link}
      mirror={undefined}
      activity={activity}
      offsets={{ centre: 0, lane: 40 }}
      turned={turned}
    />,
  );

it('points from HQ to the edge and back, the way the picture stands', () => {
  show(false);
  expect(screen.getByText('catalogue →')).toBeDefined();
  expect(screen.getByText('← requests')).toBeDefined();
  cleanup();
  show(true);
  expect(screen.getByText('catalogue ↓')).toBeDefined();
  expect(screen.getByText('↑ requests')).toBeDefined();
});
