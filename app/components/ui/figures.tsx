'use client';
import {
  ageMs,
  formatAge,
  formatAgo,
  formatByteRate,
  formatBytes,
  formatBytesExact,
  formatCount,
  formatTimestamp,
  UNKNOWN,
} from '@/lib/format';
import { useNow } from '@/lib/ui-state/now';
import { cx } from './cx';

export function Bytes({ value, className }: { value: number | null | undefined; className?: string }) {
  return (
    <span title={formatBytesExact(value)} className={cx('whitespace-nowrap', className)}>
      {formatBytes(value)}
    </span>
  );
}

export function ByteRate({ value, className }: { value: number | null | undefined; className?: string }) {
  const exact =
    value === null || value === undefined ? 'Not known yet' : `${formatCount(Math.round(value))} bytes a second`;
  return (
    <span title={exact} className={cx('whitespace-nowrap', className)}>
      {formatByteRate(value)}
    </span>
  );
}

/** How long ago, renewed every second; the exact time on hover. */
export function Ago({
  at,
  never = UNKNOWN,
  short = false,
  className,
}: {
  at: string | null | undefined;
  never?: string;
  /** Where there is little room: `10 min`. */
  short?: boolean;
  className?: string;
}) {
  const now = useNow();
  if (!at) return <span className={className}>{never}</span>;
  return (
    <time dateTime={at} title={formatTimestamp(at)} className={cx('whitespace-nowrap', className)}>
      {now === 0 ? UNKNOWN : (short ? formatAge : formatAgo)(ageMs(at, now))}
    </time>
  );
}

/** A figure with its name above it. */
export function Figure({
  label,
  children,
  className,
  title,
}: {
  label: string;
  children: React.ReactNode;
  className?: string;
  title?: string;
}) {
  return (
    <div className={cx('min-w-0', className)} title={title}>
      <dt className="truncate text-2xs text-ink-faint">{label}</dt>
      <dd className="truncate text-sm font-medium text-ink">{children}</dd>
    </div>
  );
}
