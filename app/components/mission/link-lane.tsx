import { LINK_STATUS_STYLE } from '@/lib/domain/status';
import { cx } from '../ui/cx';
import { TONE_COLOR } from '../ui/tone';
import type { Lane } from './link-activity';

/** Line patterns tell the states apart without colour. */
const DASH: Record<Lane['state'], string | undefined> = {
  up: undefined,
  paused: '2 8',
  connecting: '4 6',
  down: '10 14',
  failed: '10 14',
};

/** One direction of a link as a line; dashes run along it while data moves. The path runs the way the data does. */
export function LinkLane({ path, lane, weight = 1.5 }: { path: string; lane: Lane; weight?: number }) {
  const color = lane.state === 'up' ? 'var(--line-strong)' : TONE_COLOR[LINK_STATUS_STYLE[lane.state].tone];
  return (
    <g fill="none" strokeLinecap="round">
      <path d={path} stroke={color} strokeWidth={weight} strokeDasharray={DASH[lane.state]} />
      {lane.moving && (
        <path
          d={path}
          data-moving
          stroke={TONE_COLOR.moving}
          strokeWidth={weight + 1}
          strokeDasharray="8 16"
          className={cx('flow')}
        />
      )}
    </g>
  );
}
