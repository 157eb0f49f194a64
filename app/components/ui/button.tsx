import type { LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx';
import { Hint } from './hint';

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  size?: 'sm' | 'md';
  icon?: LucideIcon;
  /** Why it can not be pressed now; the button stays focusable so that this can be read. */
  unavailable?: string | null;
  /** A call is under way. */
  pending?: boolean;
  children?: ReactNode;
}

const KINDS = {
  primary: 'bg-accent text-accent-ink border-transparent hover:brightness-110',
  plain: 'bg-raised text-ink border-line hover:border-line-strong',
  quiet: 'bg-transparent text-ink-soft border-transparent hover:bg-raised hover:text-ink',
  danger: 'bg-transparent text-failed border-failed/50 hover:bg-failed/10',
};

/** A button. One that can not be pressed says why. */
export function Button({
  kind = 'plain',
  size = 'md',
  icon: Icon,
  unavailable,
  pending = false,
  className,
  children,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  const blocked = Boolean(unavailable) || pending;
  const button = (
    <button
      {...rest}
      type={type}
      aria-disabled={blocked || undefined}
      aria-busy={pending || undefined}
      onClick={blocked ? (event) => event.preventDefault() : onClick}
      className={cx(
        'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none',
        size === 'sm' ? 'h-7 px-2 text-xs' : 'h-8 px-3 text-sm',
        !children && (size === 'sm' ? 'w-7 px-0' : 'w-8 px-0'),
        KINDS[kind],
        blocked && 'cursor-not-allowed opacity-55 hover:border-line hover:brightness-100',
        className,
      )}
    >
      {Icon && <Icon aria-hidden className="size-3.5 shrink-0" strokeWidth={2.25} />}
      {children}
    </button>
  );
  return unavailable ? <Hint text={unavailable}>{button}</Hint> : button;
}
