import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { cx } from './cx';

/** A link that looks like a button: for what has an address, e.g. a download. */
export function LinkButton({ icon: Icon, className, children, ...rest }: ComponentProps<'a'> & { icon?: LucideIcon }) {
  return (
    <a
      {...rest}
      className={cx(
        'inline-flex h-8 items-center gap-1.5 rounded-md border border-line bg-raised px-3 text-sm font-medium whitespace-nowrap text-ink hover:border-line-strong',
        className,
      )}
    >
      {Icon && <Icon aria-hidden className="size-3.5" strokeWidth={2.25} />}
      {children}
    </a>
  );
}
