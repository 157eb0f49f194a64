import type { StatusStyle } from '@/lib/domain/status';
import { formatCount } from '@/lib/format';
import { cx } from '../ui/cx';
import { StatusIcon } from '../ui/status-icon';
import { TONE_FILL } from '../ui/tone';

/** Counts per status: a bar of proportions, and the figures with their icons and words. */
export function StatusCounts({
  counts,
  order,
  styles,
}: {
  counts: Record<string, number>;
  order: readonly string[];
  styles: Record<string, StatusStyle>;
}) {
  const shown = order.flatMap((status) => {
    const style = styles[status];
    const count = counts[status] ?? 0;
    return style && count > 0 ? [{ status, style, count }] : [];
  });
  return (
    <div>
      <div aria-hidden className="flex h-1.5 gap-px overflow-hidden rounded-full bg-raised">
        {shown.map(({ status, style, count }) => (
          <div key={status} className={cx('min-w-1', TONE_FILL[style.tone])} style={{ flexGrow: count }} />
        ))}
      </div>
      {shown.length === 0 ? (
        <p className="mt-2 text-xs text-ink-faint">No assets yet</p>
      ) : (
        <ul className="mt-2 grid grid-cols-2 gap-x-3 gap-y-1 text-xs">
          {shown.map(({ status, style, count }) => (
            <li key={status} title={style.hint} className="flex min-w-0 items-center gap-1.5 text-ink-soft">
              <StatusIcon icon={style.icon} tone={style.tone} className="size-3" />
              <span className="truncate">{style.label}</span>
              <span className="ml-auto font-medium text-ink">{formatCount(count)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
