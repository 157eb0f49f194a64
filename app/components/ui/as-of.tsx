'use client';
import { TriangleAlert } from 'lucide-react';
import { ageMs, formatAgo, formatTimestamp } from '@/lib/format';
import { useNow } from '@/lib/ui-state/now';
import { cx } from './cx';

/** A reading older than this no longer says how things are. */
export const STALE_AFTER_MS = 20_000;

/** When a remote reading was taken; says so when it is stale. */
export function AsOf({
  at,
  className,
  staleAfterMs = STALE_AFTER_MS,
}: {
  at: string;
  className?: string;
  staleAfterMs?: number;
}) {
  const now = useNow();
  const age = now === 0 ? null : ageMs(at, now);
  const stale = age !== null && age > staleAfterMs;
  return (
    <span
      title={`Read ${formatTimestamp(at)}`}
      className={cx(
        'inline-flex items-center gap-1 text-2xs whitespace-nowrap',
        stale ? 'text-attention' : 'text-ink-faint',
        className,
      )}
    >
      {stale && <TriangleAlert aria-hidden className="size-3" />}
      {stale ? `stale: as of ${formatAgo(age)}` : `as of ${formatAgo(age)}`}
    </span>
  );
}
