'use client';
import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { useMemo } from 'react';
import { TONE_ICON } from '@/lib/domain/status';
import { plural } from '@/lib/format';
import type { Mission } from '@/lib/queries/mission';
import { useConnection } from '@/lib/ui-state/connection';
import { useNow } from '@/lib/ui-state/now';
import { cx } from '../ui/cx';
import { Skeleton } from '../ui/notes';
import { StatusIcon } from '../ui/status-icon';
import { TONE_TEXT, TONE_WASH } from '../ui/tone';
import { verdictOf } from './verdict';

/** More reasons than this are counted, not listed. */
const REASONS_SHOWN_MAX = 5;

/** The verdict on the mission, in words, with its reasons. */
export function VerdictStrip({
  mission,
  heading,
  allWell,
}: {
  mission: Mission;
  /** The page's heading, for those who hear it. */
  heading: string;
  /** What stands for `All moving` where less than the whole mission is meant. */
  allWell?: string;
}) {
  const now = useNow();
  const lost = useConnection((connection) => connection.state.status === 'lost');
  const { sites, services, links } = mission;
  const verdict = useMemo(() => verdictOf({ sites, services, links }, now), [sites, services, links, now]);
  if (mission.isPending) return <Skeleton className="h-16 rounded-lg" />;
  // What is only remembered is not said to be well.
  const tone = lost && verdict.tone === 'ok' ? 'waiting' : verdict.tone;
  const hidden = verdict.reasons.length - REASONS_SHOWN_MAX;
  return (
    <section
      aria-label="Verdict"
      data-testid="verdict"
      data-tone={tone}
      className={cx('flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border px-4 py-2.5', TONE_WASH[tone])}
    >
      <h1 className="sr-only">{heading}</h1>
      <p aria-live="polite" className="flex items-center gap-2.5 text-xl font-semibold tracking-tight">
        <StatusIcon icon={TONE_ICON[tone]} tone={tone} className="size-6" />
        <span>{verdict.reasons.length === 0 && allWell ? allWell : verdict.headline}</span>
        {lost && <span className="text-sm font-normal text-attention">as last known</span>}
      </p>
      {verdict.reasons.length === 0 ? (
        <p className="text-xs text-ink-soft">
          {plural(services.length, 'service')} at {plural(sites.length, 'site')}
          {Object.keys(links).length > 0 && ', every link up'}
        </p>
      ) : (
        <ul className="flex min-w-0 flex-wrap gap-x-4 gap-y-1">
          {verdict.reasons.slice(0, REASONS_SHOWN_MAX).map((reason) => (
            <li key={reason.text} className="min-w-0">
              <Link
                href={reason.href}
                className="group flex min-w-0 items-center gap-1 rounded-sm text-xs text-ink-soft hover:text-ink"
              >
                <StatusIcon icon={TONE_ICON[reason.tone]} tone={reason.tone} className="size-3" />
                <span className="max-w-[80ch] truncate" title={reason.text}>
                  {reason.text}
                </span>
                <ChevronRight aria-hidden className={cx('size-3 shrink-0', TONE_TEXT[reason.tone])} />
              </Link>
            </li>
          ))}
          {hidden > 0 && <li className="text-xs text-ink-faint">and {hidden} more</li>}
        </ul>
      )}
    </section>
  );
}
