'use client';
import { Switch as Primitive } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cx } from './cx';
import { Hint } from './hint';

/** An on-off switch; on is the accent, since a desired state is not a status. One that can not be used says why (`unavailable`). */
export function Switch({
  className,
  unavailable,
  onCheckedChange,
  ...rest
}: ComponentProps<typeof Primitive.Root> & { unavailable?: string | null }) {
  const control = (
    <Primitive.Root
      {...rest}
      aria-disabled={unavailable ? true : undefined}
      onCheckedChange={unavailable ? undefined : onCheckedChange}
      className={cx(
        'inline-flex h-5 w-9 shrink-0 items-center rounded-full border border-line-strong bg-raised p-0.5 data-[state=checked]:border-accent data-[state=checked]:bg-accent aria-disabled:cursor-not-allowed aria-disabled:opacity-55',
        className,
      )}
    >
      <Primitive.Thumb className="block size-3.5 rounded-full bg-ink-soft motion-safe:transition-transform data-[state=checked]:translate-x-4 data-[state=checked]:bg-accent-ink" />
    </Primitive.Root>
  );
  return unavailable ? <Hint text={unavailable}>{control}</Hint> : control;
}
