import type { ComponentProps } from 'react';
import { cx } from './cx';
import { Hint } from './hint';

/** The browser's own select, in our clothes: it works with every keyboard and on every phone. One that can not be used says why. */
export function NativeSelect({
  className,
  unavailable,
  ...rest
}: ComponentProps<'select'> & { unavailable?: string | null }) {
  const control = (
    <select
      {...rest}
      disabled={Boolean(unavailable) || rest.disabled}
      className={cx(
        'h-7 rounded-md border border-line bg-raised px-1.5 text-xs text-ink hover:border-line-strong disabled:cursor-not-allowed disabled:opacity-55',
        className,
      )}
    />
  );
  // A disabled select gets no focus: what is around it does.
  return unavailable ? (
    <Hint text={unavailable}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: where the reason is read by keyboard. */}
      <span tabIndex={0} className="inline-flex min-w-0 rounded-md">
        {control}
      </span>
    </Hint>
  ) : (
    control
  );
}
