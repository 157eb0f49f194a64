import { Progress as Primitive } from 'radix-ui';
import { cx } from './cx';

/** A bar from 0 to 1; null while the whole is not known. */
export function Progress({
  fraction,
  label,
  className,
}: {
  fraction: number | null;
  label: string;
  className?: string;
}) {
  const percent = fraction === null ? null : Math.round(Math.min(1, Math.max(0, fraction)) * 100);
  return (
    <Primitive.Root
      value={percent}
      aria-label={label}
      className={cx('h-1.5 w-full overflow-hidden rounded-full bg-raised', className)}
    >
      <Primitive.Indicator
        className="h-full rounded-full bg-moving motion-safe:transition-[width] duration-300"
        style={{ width: `${percent ?? 0}%` }}
      />
    </Primitive.Root>
  );
}
