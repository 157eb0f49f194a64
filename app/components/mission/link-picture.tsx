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

/** How far the two stream lanes bow away from the straight file lane, as a part of their length. */
const BOW_OF_LENGTH = 0.17;
/** Upright, the lanes bow sideways; their words stand above and below the middle. */

const UPRIGHT_WORDS_OFFSET_PX = 58;
const POLE_RADIUS = 4;

/** Where the link of one of several edges begins: HQ's middle, seen from the middle of that edge's row. */
export interface Row {
  index: number;
  count: number;
}
const ROW_GAP_PX = 16;
export const ONLY_ROW: Row = { index: 0, count: 1 };
const startOffset = ({ index, count }: Row, height: number) => ((count - 1) / 2 - index) * (height + ROW_GAP_PX);

interface Geometry {
  inbound: string;
  outbound: string;
  files: string;
  poles: [number, number][];
  /** How far the words stand from the middle: those of the lanes on both sides of `centre`. */
  words: { centre: number; lane: number };
}

/** Field lines from pole to pole: the catalogue above, files straight, requests below. `turned` draws top to bottom. */
function geometry(width: number, height: number, turned: boolean, row: Row): Geometry {
  const along = turned ? height : width;
  const middle = (turned ? width : height) / 2;
  const start = turned ? middle : middle + startOffset(row, height);
  const bow = Math.max(0, Math.min(BOW_OF_LENGTH * along, middle - 12));
  const point = (a: number, c: number) => (turned ? `${c} ${a}` : `${a} ${c}`);
  const curve = (side: number, back: boolean) => {
    const ends = [
      [0, start],
      [along * 0.22, start + side],
      [along * 0.78, middle + side],
      [along, middle],
    ].map(([a, c]) => point(a as number, c as number));
    const [p0, p1, p2, p3] = back ? ends.reverse() : ends;
    return `M${p0} C${p1} ${p2} ${p3}`;
  };
  const pole = (a: number, c: number): [number, number] => (turned ? [c, a] : [a, c]);
  return {
    // A cubic reaches three quarters of the way to its control points.
    inbound: curve((-bow * 4) / 3, false),
    outbound: curve((bow * 4) / 3, true),
    files: curve(0, false),
    poles: [pole(0, start), pole(along, middle)],
    words: { centre: (start - middle) / 2, lane: turned ? UPRIGHT_WORDS_OFFSET_PX : bow },
  };
}

/** The link between HQ and one edge, drawn; the words for it lie on top. */
export function LinkPicture({
  edge,
  link,
  mirror,
  turned,
  row = ONLY_ROW,
  className,
}: {
  edge: string;
  /** Null: another process hosts the edge, and this one does not know its link. */
  link: Link | null;
  mirror: Mirror | undefined;
  turned: boolean;
  row?: Row;
  className?: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  const now = useNow();
  const samples = useThroughput(edge);
  const activity = link && linkActivity(link, mirror, samples, now);
  const lines = geometry(width, height, turned, row);
  return (
    <div
      ref={box}
      className={cx('relative isolate', className)}
      data-testid={`link-${edge}`}
      data-state={link?.state ?? 'unknown'}
    >
      {width > 0 && <Drawing width={width} height={height} lines={lines} activity={activity} />}
      {link && activity ? (
        <LinkLegend edge={edge} link={link} mirror={mirror} activity={activity} offsets={lines.words} turned={turned} />
      ) : (
        <p
          className="absolute left-1/2 -translate-x-1/2 -translate-y-1/2 bg-ground px-2 text-2xs whitespace-nowrap text-ink-faint"
          style={{ top: `calc(50% + ${lines.words.centre}px)` }}
        >
          its link is known at {edge}
        </p>
      )}
    </div>
  );
}

function Drawing({
  width,
  height,
  lines,
  activity,
}: {
  width: number;
  height: number;
  lines: Geometry;
  activity: LinkActivity | null;
}) {
  return (
    <svg aria-hidden className="absolute inset-0 overflow-visible" width={width} height={height}>
      {activity ? (
        <>
          <LinkLane path={lines.inbound} lane={activity.inbound} />
          <LinkLane path={lines.outbound} lane={activity.outbound} />
          <LinkLane path={lines.files} lane={activity.files} weight={activity.files.moving ? 4 : 1} />
        </>
      ) : (
        <path d={lines.files} fill="none" stroke="var(--line-strong)" strokeDasharray="1 6" strokeLinecap="round" />
      )}
      {lines.poles.map(([x, y]) => (
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
