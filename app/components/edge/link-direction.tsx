'use client';
import { ArrowDownToLine, ArrowUpFromLine, Pause, Play } from 'lucide-react';
import type { Link } from '@/lib/api/schemas';
import { LINK_STATUS_STYLE } from '@/lib/domain/status';
import { formatBytes, formatCount, formatLag } from '@/lib/format';
import type { LinkDirectionName } from '@/lib/ports';
import { useLinkChange } from '@/lib/queries/link';
import { showFailure } from '@/lib/ui-state/toasts';
import { useRefusal } from '../access/me';
import { Button } from '../ui/button';
import { StatusBadge } from '../ui/status-badge';

/** How much waits in a direction, in words. */
export function lagWords({ lagRecords, lagBytes, lagMs }: Link['inbound']): string {
  if (lagRecords === null) return 'lag not known';
  if (lagRecords === 0) return 'nothing waits';
  const bytes = lagBytes === null ? '' : `, ${formatBytes(lagBytes)}`;
  return `${formatCount(lagRecords)} wait${bytes}, ${formatLag(lagMs)} behind`;
}

/** One direction of the link: its state, what waits, and its own pause. */
export function LinkDirection({
  edge,
  name,
  label,
  direction,
}: {
  edge: string;
  name: LinkDirectionName;
  label: string;
  direction: Link['inbound'];
}) {
  const change = useLinkChange(edge);
  const refusal = useRefusal('field', edge);
  const isPaused = direction.state === 'paused';
  const Arrow = name === 'inbound' ? ArrowDownToLine : ArrowUpFromLine;
  const mode = isPaused ? 'up' : 'paused';
  return (
    <div data-testid={`link-${name}`} data-state={direction.state} className="flex items-center gap-2">
      <Arrow aria-hidden className="size-4 text-ink-faint" />
      <div>
        <div className="flex items-center gap-1.5 text-sm">
          <span className="font-medium">{label}</span>
          <StatusBadge style={LINK_STATUS_STYLE[direction.state]} reason={direction.lastError} plain />
        </div>
        <p className="text-2xs text-ink-faint">{lagWords(direction)}</p>
      </div>
      <Button
        size="sm"
        kind="quiet"
        icon={isPaused ? Play : Pause}
        pending={change.isPending}
        unavailable={refusal}
        aria-label={`${isPaused ? 'Resume' : 'Pause'} ${label.toLowerCase()}`}
        title={`${isPaused ? 'Resume' : 'Pause'} ${label.toLowerCase()} only`}
        onClick={() =>
          change.mutate(
            { mode, direction: name },
            { onError: (error) => showFailure(`${label} was not ${isPaused ? 'resumed' : 'paused'}`, error) },
          )
        }
      />
    </div>
  );
}
