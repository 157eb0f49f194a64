import type { Service } from '@/lib/api/schemas';
import { SERVICE_STATUS_STYLE } from '@/lib/domain/status';
import { formatCount, formatDuration } from '@/lib/format';
import { TONE_COLOR } from '../ui/tone';

/** As the API has it: intervals of 10 s. */
const INTERVAL_S = 10;
const BAR_WIDTH = 4;
const BAR_PITCH = 5;
const HEIGHT = 24;
/** What an idle or stopped interval shows: a tick, so that time is seen to pass. */
const TICK_HEIGHT = 1.5;

/** The last minutes of a service: one bar an interval, failures in their tone. Square-root scale, so that little is still seen. */
export function HistoryBar({ history }: { history: Service['history'] }) {
  const most = Math.max(1, ...history.map((interval) => interval.processed + interval.failed));
  const height = (count: number) => (count === 0 ? 0 : Math.max(3, Math.sqrt(count / most) * HEIGHT));
  const processed = history.reduce((sum, interval) => sum + interval.processed, 0);
  const failed = history.reduce((sum, interval) => sum + interval.failed, 0);
  const span = formatDuration(history.length * INTERVAL_S);
  return (
    <svg
      role="img"
      aria-label={`Last ${span}: ${formatCount(processed)} processed, ${formatCount(failed)} failed`}
      viewBox={`0 0 ${Math.max(1, history.length) * BAR_PITCH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-6 w-full"
    >
      <title>{`Last ${span}: ${formatCount(processed)} processed, ${formatCount(failed)} failed`}</title>
      {history.map((interval, index) => {
        const x = index * BAR_PITCH;
        const whole = height(interval.processed + interval.failed);
        const part =
          interval.failed === 0 ? 0 : Math.max(3, (whole * interval.failed) / (interval.processed + interval.failed));
        const idle = TONE_COLOR[interval.state === 'running' ? 'off' : SERVICE_STATUS_STYLE[interval.state].tone];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place in the window.
          <g key={index}>
            <rect x={x} y={HEIGHT - TICK_HEIGHT} width={BAR_WIDTH} height={TICK_HEIGHT} fill={idle} opacity={0.6} />
            {whole > part && (
              <rect
                x={x}
                y={HEIGHT - whole}
                width={BAR_WIDTH}
                height={whole - part}
                fill={TONE_COLOR.ok}
                opacity={0.8}
              />
            )}
            {part > 0 && <rect x={x} y={HEIGHT - part} width={BAR_WIDTH} height={part} fill={TONE_COLOR.failed} />}
          </g>
        );
      })}
    </svg>
  );
}
