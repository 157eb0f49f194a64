'use client';
import type { ReactNode } from 'react';
import type { Link, Mirror } from '@/lib/api/schemas';
import { LINK_STATUS_STYLE, MIRROR_STATUS_STYLE, mirrorStatus } from '@/lib/domain/status';
import { formatByteRate, formatCount, formatDuration, formatLag } from '@/lib/format';
import { cx } from '../ui/cx';
import { Ago } from '../ui/figures';
import { StatusBadge } from '../ui/status-badge';
import { TONE_TEXT } from '../ui/tone';
import type { Lane, LinkActivity } from './link-activity';

/** What a lane carries and how much waits, in a few words. */
function LaneWords({
  label,
  lane,
  lagRecords,
  lagMs,
}: {
  label: string;
  lane: Lane;
  lagRecords: number | null;
  lagMs: number | null;
}) {
  const waiting =
    lagRecords === null
      ? 'lag unknown'
      : lagRecords === 0
        ? 'lag 0'
        : `${formatCount(lagRecords)} waiting, ${formatLag(lagMs)}`;
  return (
    <span className="rounded-sm bg-ground px-1.5 text-2xs whitespace-nowrap text-ink-faint">
      <span className="text-ink-soft">{label}</span>{' '}
      {lane.state === 'up' ? formatByteRate(lane.bytesPerSecond) : LINK_STATUS_STYLE[lane.state].label.toLowerCase()}
      {' · '}
      <span className={cx(lagRecords ? 'text-attention' : undefined)}>{waiting}</span>
    </span>
  );
}

/** The link in words: state, what each lane does, last seen. */
export function LinkLegend({
  edge,
  link,
  mirror,
  activity,
  offsets,
  turned,
}: {
  edge: string;
  link: Link;
  mirror: Mirror | undefined;
  activity: LinkActivity;
  /** How far the words stand from the middle, in px. */
  offsets: { centre: number; lane: number };
  /** HQ is above the edge, not left of it: arrows point the way the lines run. */
  turned: boolean;
}) {
  const { inbound, outbound } = link;
  const error = inbound.lastError ?? outbound.lastError;
  return (
    <div className="absolute inset-0">
      <span className="sr-only">The link between hq and {edge}:</span>
      <Place offsetPx={offsets.centre - offsets.lane}>
        <LaneWords
          label={`catalogue ${turned ? '↓' : '→'}`}
          lane={activity.inbound}
          lagRecords={inbound.lagRecords}
          lagMs={inbound.lagMs}
        />
      </Place>
      <Place offsetPx={offsets.centre}>
        <div className="flex flex-col items-center gap-0.5 rounded-md bg-ground px-2 py-1">
          <StatusBadge style={LINK_STATUS_STYLE[link.state]} reason={error} />
          <span className="text-2xs whitespace-nowrap text-ink-faint">
            HQ seen <Ago at={link.lastSeenAt} never="never" />
          </span>
          {mirror?.state === 'running' && <MirrorWords mirror={mirror} />}
        </div>
      </Place>
      <Place offsetPx={offsets.centre + offsets.lane}>
        <LaneWords
          label={`${turned ? '↑' : '←'} requests`}
          lane={activity.outbound}
          lagRecords={outbound.lagRecords}
          lagMs={outbound.lagMs}
        />
      </Place>
    </div>
  );
}

/** How fast files come, or that the run waits. */
function MirrorWords({ mirror }: { mirror: Mirror }) {
  const status = mirrorStatus(mirror.state, mirror.lastError);
  const style = MIRROR_STATUS_STYLE[status];
  return (
    <span title={style.hint} className={cx('text-2xs whitespace-nowrap', TONE_TEXT[style.tone])}>
      {status === 'waiting' ? (
        'Mirror waits for the link'
      ) : (
        <>
          {style.label} {formatByteRate(mirror.bytesPerSecond)}
          {mirror.etaSeconds !== null && `, ${formatDuration(mirror.etaSeconds)} left`}
        </>
      )}
    </span>
  );
}

/** Centred, so far below (above when negative) the middle. */
const Place = ({ offsetPx, children }: { offsetPx: number; children: ReactNode }) => (
  <div className="absolute left-1/2 -translate-x-1/2 -translate-y-1/2" style={{ top: `calc(50% + ${offsetPx}px)` }}>
    {children}
  </div>
);
