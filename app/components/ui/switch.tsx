'use client';
import { Switch as Primitive } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cx } from './cx';

/** An on-off switch; on is the accent, since a desired state is not a status. */
export function Switch({ className, ...rest }: ComponentProps<typeof Primitive.Root>) {
  return (
    <Primitive.Root
      {...rest}
      className={cx(
        'inline-flex h-5 w-9 shrink-0 items-center rounded-full border border-line-strong bg-raised p-0.5 data-[state=checked]:border-accent data-[state=checked]:bg-accent aria-disabled:opacity-55',
        className,
      )}
    >
      <Primitive.Thumb className="block size-3.5 rounded-full bg-ink-soft motion-safe:transition-transform data-[state=checked]:translate-x-4 data-[state=checked]:bg-accent-ink" />
    </Primitive.Root>
  );
}
