import type { ComponentProps } from 'react';
import { cx } from './cx';

/** The browser's own select, in our clothes: it works with every keyboard and on every phone. */
export function NativeSelect({ className, ...rest }: ComponentProps<'select'>) {
  return (
    <select
      {...rest}
      className={cx(
        'h-7 rounded-md border border-line bg-raised px-1.5 text-xs text-ink hover:border-line-strong',
        className,
      )}
    />
  );
}
