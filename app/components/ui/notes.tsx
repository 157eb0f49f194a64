import { RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Tone } from '@/lib/domain/status';
import { TONE_ICON } from '@/lib/domain/status';
import { FieldlineError } from '@/lib/errors';
import { Button } from './button';
import { cx } from './cx';
import { StatusIcon } from './status-icon';
import { TONE_WASH } from './tone';

/** Where nothing is: a sentence, and what to do next. */
export function Nothing({ title, children, className }: { title: string; children?: ReactNode; className?: string }) {
  return (
    <div className={cx('flex flex-col items-center justify-center gap-1 px-6 py-8 text-center', className)}>
      <p className="text-sm font-medium text-ink-soft">{title}</p>
      {children && <div className="max-w-md text-xs text-ink-faint">{children}</div>}
    </div>
  );
}

/** A sentence in a tone, with its icon. */
export function Note({
  tone,
  children,
  className,
  action,
}: {
  tone: Tone;
  children: ReactNode;
  className?: string;
  action?: ReactNode;
}) {
  return (
    <div
      className={cx(
        'flex items-start gap-2 rounded-md border px-2.5 py-2 text-xs text-ink',
        TONE_WASH[tone],
        className,
      )}
    >
      <StatusIcon icon={TONE_ICON[tone]} tone={tone} className="mt-px" />
      <div className="min-w-0 flex-1 break-words">{children}</div>
      {action}
    </div>
  );
}

/** A reading that failed: what, why, what to do, and a way to try again. */
export function Problem({
  error,
  onRetry,
  className,
}: {
  error: unknown;
  onRetry?: (() => void) | undefined;
  className?: string;
}) {
  const remedy = error instanceof FieldlineError ? error.remedy : undefined;
  return (
    <div role="alert" className={cx('p-3', className)}>
      <Note
        tone="failed"
        action={
          onRetry && (
            <Button size="sm" icon={RotateCw} onClick={onRetry}>
              Try again
            </Button>
          )
        }
      >
        <p className="font-medium">{error instanceof Error ? error.message : String(error)}</p>
        {remedy && <p className="mt-0.5 text-ink-soft">{remedy}</p>}
      </Note>
    </div>
  );
}

/** Something is coming here. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx('breathing rounded-md bg-raised', className)} />;
}
