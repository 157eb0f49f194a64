'use client';
import { useRef } from 'react';
import type { Link, Mirror } from '@/lib/api/schemas';
import { useThroughput } from '@/lib/queries/link';
import { useNow } from '@/lib/ui-state/now';
import { cx } from '../ui/cx';
import { type LinkActivity, linkActivity } from './link-activity';
import { LinkLane } from './link-lane';
import { LinkLegend } from './link-legend';
import { useSize } from './use-size';

/** How far the two stream lanes bow away from the straight file lane, in px. */
const BOW_MAX = 104;
/** Upright, the lanes bow sideways; their words stand above and below the middle. */
const UPRIGHT_WORDS_OFFSET_PX = 58;
const POLE_RADIUS = 4;

const bowOf = (width: number, height: number, turned: boolean) =>
  Math.max(0, Math.min(BOW_MAX, (turned ? width : height) / 2 - 12));

/** Field lines from pole to pole: the catalogue above, files straight, requests below. `turned` draws top to bottom. */
function lanes(width: number, height: number, turned: boolean) {
  const along = turned ? height : width;
  const middle = (turned ? width : height) / 2;
  const bow = bowOf(width, height, turned);
  const point = (a: number, c: number) => (turned ? `${c} ${a}` : `${a} ${c}`);
  const curve = (from: number, to: number, side: number) =>
    `M${point(from, middle)} C${point(from + (to - from) * 0.22, middle + side)} ${point(from + (to - from) * 0.78, middle + side)} ${point(to, middle)}`;
  return {
    inbound: curve(0, along, -bow * 1.33),
    outbound: curve(along, 0, bow * 1.33),
    files: curve(0, along, 0),
    poles: [point(0, middle), point(along, middle)].map((pole) => pole.split(' ').map(Number) as [number, number]),
  };
}

/** The link between HQ and one edge, drawn; the words for it lie on top. */
export function LinkPicture({
  edge,
  link,
  mirror,
  turned,
  className,
}: {
  edge: string;
  link: Link;
  mirror: Mirror | undefined;
  turned: boolean;
  className?: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  const now = useNow();
  const samples = useThroughput(edge);
  const activity = linkActivity(link, mirror, samples, now);
  return (
    <div ref={box} className={cx('relative isolate', className)} data-testid={`link-${edge}`} data-state={link.state}>
      {width > 0 && <Drawing width={width} height={height} turned={turned} activity={activity} />}
      <LinkLegend
        edge={edge}
        link={link}
        mirror={mirror}
        activity={activity}
        laneOffsetPx={turned ? UPRIGHT_WORDS_OFFSET_PX : bowOf(width, height, turned)}
      />
    </div>
  );
}

function Drawing({
  width,
  height,
  turned,
  activity,
}: {
  width: number;
  height: number;
  turned: boolean;
  activity: LinkActivity;
}) {
  const { inbound, outbound, files, poles } = lanes(width, height, turned);
  return (
    <svg aria-hidden className="absolute inset-0 overflow-visible" width={width} height={height}>
      <LinkLane path={inbound} lane={activity.inbound} />
      <LinkLane path={outbound} lane={activity.outbound} />
      <LinkLane path={files} lane={activity.files} weight={activity.files.moving ? 4 : 1} />
      {poles.map(([x, y]) => (
        <circle
          key={`${x}-${y}`}
          cx={x}
          cy={y}
          r={POLE_RADIUS}
          fill="var(--ink)"
          stroke="var(--ground)"
          strokeWidth={2}
        />
      ))}
    </svg>
  );
}
