import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { aLink } from '@/lib/queries/testing/fixtures';
import type { LinkActivity } from './link-activity';
import { LinkLegend } from './link-legend';

const still: LinkActivity['inbound'] = { state: 'up', bytesPerSecond: 0, moving: false };
const activity: LinkActivity = { inbound: still, outbound: still, files: still };

afterEach(cleanup);

const show = (turned: boolean) =>
  render(
    <LinkLegend
      edge="alpha"
      link={aLink()}
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
