'use client';
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { formatByteRate, formatClock } from '@/lib/format';
import type { ThroughputSample } from '@/lib/queries/throughput';
import { THROUGHPUT_LINES } from './throughput-legend';

const HEIGHT_PX = 140;
const AXIS_WIDTH_PX = 68;
/** Between two labels of the time axis. The clock shows seconds: less would write the same one twice. */
const TIME_STEPS_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);

const columnsOf = (samples: readonly ThroughputSample[]): uPlot.AlignedData => [
  samples.map((sample) => sample.atMs / 1000),
  samples.map((sample) => sample.inboundBytesPerSecond),
  samples.map((sample) => sample.outboundBytesPerSecond),
  samples.map((sample) => sample.mirrorBytesPerSecond),
];

const clock = (seconds: number) => formatClock(new Date(seconds * 1000).toISOString());

/** What went over the link, in bytes a second; lines differ in dash as well as in colour. Colours are read as it draws, so that it follows the theme. */
export function ThroughputChart({ samples }: { samples: readonly ThroughputSample[] }) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const axis = {
      stroke: () => token('--ink-faint'),
      grid: { stroke: () => token('--line'), width: 1 },
      ticks: { show: false },
      font: '11px "Inter Variable"',
    };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_plot, _min, max) => [0, Math.max(1000, (max ?? 0) * 1.1)] } },
        axes: [
          { ...axis, incrs: TIME_STEPS_SECONDS, values: (_plot, seconds) => seconds.map(clock) },
          { ...axis, size: AXIS_WIDTH_PX, splits: undefined, values: (_plot, values) => values.map(formatByteRate) },
        ],
        series: [
          {},
          ...THROUGHPUT_LINES.map(({ label, color, dash }) => ({
            label,
            stroke: () => token(color),
            dash,
            width: 1.75,
            points: { show: false },
          })),
        ],
      },
      [[], [], [], []],
      element,
    );
    chart.current = plot;
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      plot.destroy();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    chart.current?.setData(columnsOf(samples));
  }, [samples]);
  return <div ref={box} aria-hidden className="min-h-[140px]" />;
}
