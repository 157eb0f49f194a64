import { type ComponentProps, type ReactNode, useId } from 'react';
import { cx } from './cx';

/** A labelled input, with a hint below it. */
export function Field({
  label,
  hint,
  className,
  ...rest
}: ComponentProps<'input'> & { label: string; hint?: ReactNode }) {
  const id = useId();
  return (
    <div className={cx('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className="text-xs font-medium text-ink-soft">
        {label}
      </label>
      <input
        {...rest}
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="h-9 w-full rounded-md border border-line bg-ground px-2.5 text-sm text-ink placeholder:text-ink-faint hover:border-line-strong"
      />
      {hint && (
        <p id={`${id}-hint`} className="text-2xs text-ink-faint">
          {hint}
        </p>
      )}
    </div>
  );
}
