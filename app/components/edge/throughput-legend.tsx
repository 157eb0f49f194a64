import { formatByteRate } from '@/lib/format';
import type { ThroughputSample } from '@/lib/queries/throughput';

/** The lines of the chart, in the order of its columns; each has a dash of its own, so that colour does not speak alone. */
export const THROUGHPUT_LINES = [
  { label: 'from HQ', color: '--moving', dash: [] as number[] },
  { label: 'to HQ', color: '--accent', dash: [6, 4] },
  { label: 'files', color: '--ok', dash: [2, 3] },
];

/** The chart's words: which line is which, and the last reading. */
export function ThroughputLegend({ last }: { last: ThroughputSample | undefined }) {
  const rates = [last?.inboundBytesPerSecond, last?.outboundBytesPerSecond, last?.mirrorBytesPerSecond];
  return (
    <dl className="flex flex-wrap gap-x-4 gap-y-1 text-xs">
      {THROUGHPUT_LINES.map(({ label, color, dash }, index) => (
        <div key={label} className="flex items-center gap-1.5">
          <svg aria-hidden width="20" height="6">
            <path d="M0 3h20" stroke={`var(${color})`} strokeWidth="2" strokeDasharray={dash.join(' ') || undefined} />
          </svg>
          <dt className="text-ink-faint">{label}</dt>
          <dd>{formatByteRate(rates[index])}</dd>
        </div>
      ))}
    </dl>
  );
}
