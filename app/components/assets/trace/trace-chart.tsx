import type { TraceSpan } from '@/lib/api/schemas';
import { formatAge, formatDuration, formatLag } from '@/lib/format';
import { cx } from '../../ui/cx';
import { layoutTrace, type TraceRow } from './trace-layout';

/** Indentation stops here: names must stay readable. */
const DEPTH_SHOWN_MAX = 6;
const INDENT_PX = 6;

/** One row a step, oldest first: what, where, when. Idle gaps are shortened and marked. */
export function TraceChart({ spans }: { spans: readonly TraceSpan[] }) {
  const { rows, gaps, totalMs } = layoutTrace(spans);
  return (
    <figure className="mt-1.5" data-testid="trace">
      <div className="relative">
        <div aria-hidden className="pointer-events-none absolute inset-y-0 right-12 left-[11.5rem]">
          {gaps.map((gap) => (
            <span
              key={gap.at}
              className="absolute inset-y-0 border-l border-dashed border-line-strong"
              style={{ left: `${gap.at}%` }}
            />
          ))}
        </div>
        <ol className="flex flex-col">
          {rows.map((row) => (
            <Row key={row.span.spanId} row={row} />
          ))}
        </ol>
      </div>
      <figcaption className="mt-1 text-2xs text-ink-faint">
        {spans.length} {spans.length === 1 ? 'step' : 'steps'} in {formatDuration(totalMs / 1000)}
        {gaps.length > 0 &&
          `; dashed: ${gaps.length === 1 ? 'a wait' : 'waits'} of ${gaps.map(({ ms }) => formatAge(ms)).join(', ')}, drawn shorter`}
      </figcaption>
    </figure>
  );
}

function Row({ row: { span, depth, orphan, left, width } }: { row: TraceRow }) {
  const failed = span.error !== null;
  return (
    <li
      className="grid h-5 grid-cols-[11rem_minmax(0,1fr)_2.5rem] items-center gap-x-2 text-2xs"
      title={titleOf(span, orphan)}
    >
      <span className="flex min-w-0 items-center gap-1">
        <span
          className="truncate text-ink"
          style={{ paddingLeft: `${Math.min(depth, DEPTH_SHOWN_MAX) * INDENT_PX}px` }}
        >
          {orphan && '↳ '}
          {span.name}
        </span>
        {span.site && <span className="ml-auto shrink-0 text-ink-faint">{span.site}</span>}
      </span>
      <span className="relative h-2 rounded-sm bg-raised">
        <span
          className={cx(
            'absolute inset-y-0 min-w-[3px] rounded-sm',
            failed ? 'bg-failed' : isTransport(span) ? 'bg-accent' : 'bg-moving',
          )}
          style={{ left: `min(${left}%, calc(100% - 3px))`, width: `${width}%` }}
        />
      </span>
      <span className={cx('text-right tabular-nums', failed ? 'text-failed' : 'text-ink-faint')}>
        {failed ? 'failed' : formatLag(span.durationMs)}
      </span>
    </li>
  );
}

const isTransport = ({ kind }: TraceSpan) => kind === 'producer' || kind === 'consumer';

const titleOf = (span: TraceSpan, orphan: boolean) =>
  [
    `${span.name}${span.service ? ` (${span.service})` : ''}`,
    `${span.startedAt} · ${span.durationMs.toFixed(1)} ms`,
    ...(span.error ? [span.error] : []),
    ...(orphan ? ['Its parent is kept by another process, or no longer'] : []),
    ...Object.entries(span.attributes).map(([name, value]) => `${name} = ${value}`),
  ].join('\n');
