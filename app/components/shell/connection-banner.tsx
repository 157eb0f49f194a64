'use client';
import { formatAge, formatDuration } from '@/lib/format';
import { useConnection } from '@/lib/ui-state/connection';
import { useNow } from '@/lib/ui-state/now';
import { StatusIcon } from '../ui/status-icon';

/** A hiccup shorter than this is not worth a banner. */
const BANNER_AFTER_MS = 1500;

/** Says that what the page shows is old, and when it tries again. */
export function ConnectionBanner() {
  const state = useConnection((connection) => connection.state);
  const now = useNow();
  if (state.status !== 'lost' || now - state.since < BANNER_AFTER_MS) return null;
  const waitS = Math.max(0, (state.nextAttemptAt - now) / 1000);
  return (
    <div
      role="status"
      data-testid="connection-lost"
      className="flex flex-wrap items-center justify-center gap-2 border-b border-attention/40 bg-attention/12 px-4 py-1.5 text-xs"
    >
      <StatusIcon icon="Unlink" tone="attention" />
      <span>
        Connection to this page’s server lost {formatAge(now - state.since)} ago; everything below is as of then.{' '}
        <span aria-hidden className="text-ink-soft">
          {waitS < 1 ? 'Trying again now.' : `Next attempt in ${formatDuration(waitS)}.`}
        </span>
      </span>
    </div>
  );
}
