'use client';
import dynamic from 'next/dynamic';
import { useThroughput } from '@/lib/queries/link';
import { Nothing, Skeleton } from '../ui/notes';
import { Panel } from '../ui/panel';
import { ThroughputLegend } from './throughput-legend';

/** The chart library is fetched only where a chart is drawn. */
const ThroughputChart = dynamic(() => import('./throughput-chart').then((module) => module.ThroughputChart), {
  ssr: false,
  loading: () => <Skeleton className="h-[140px]" />,
});

/** What goes over the link, since this page opened. */
export function ThroughputPanel({ edge }: { edge: string }) {
  const samples = useThroughput(edge);
  return (
    <Panel title="Over the link" testId="throughput" aside={<ThroughputLegend last={samples.at(-1)} />}>
      {samples.length < 2 ? (
        <Nothing title="Watching the link">
          The last five minutes are drawn here, from when this page was opened.
        </Nothing>
      ) : (
        <div className="p-2">
          <ThroughputChart samples={samples} />
        </div>
      )}
    </Panel>
  );
}
