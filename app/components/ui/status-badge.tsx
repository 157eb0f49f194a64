import type { StatusStyle } from '@/lib/domain/status';
import { cx } from './cx';
import { StatusIcon } from './status-icon';
import { TONE_TEXT, TONE_WASH } from './tone';

/** A status as icon and word, in its tone; the meaning on hover. `plain`: without a frame, for dense places. `brief`: on a phone the icon alone. */
export function StatusBadge({
  style,
  plain = false,
  brief = false,
  reason,
  className,
}: {
  style: StatusStyle;
  plain?: boolean;
  brief?: boolean;
  reason?: string | null;
  className?: string;
}) {
  return (
    <span
      title={reason ? `${style.hint} ${reason}` : style.hint}
      className={cx(
        'inline-flex items-center gap-1 whitespace-nowrap text-xs font-medium',
        TONE_TEXT[style.tone],
        !plain && ['rounded-sm border px-1.5 py-0.5', TONE_WASH[style.tone]],
        className,
      )}
    >
      <StatusIcon icon={style.icon} tone={style.tone} className="size-3" />
      {brief ? <span className="sr-only sm:not-sr-only">{style.label}</span> : style.label}
    </span>
  );
}
