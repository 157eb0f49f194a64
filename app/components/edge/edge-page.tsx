'use client';
import { notFound } from 'next/navigation';
import { useMission } from '@/lib/queries/mission';
import { Problem, Skeleton } from '../ui/notes';
import { EdgeWorkspace } from './edge-workspace';
import { RemoteEdge } from './remote-edge';

/** The field team's page; an edge hosted elsewhere gets what is known of it, an unknown one a 404. */
export function EdgePage({ id }: { id: string }) {
  const { sites, error, isPending, refetch } = useMission();
  const site = sites.find((one) => one.id === id && one.role === 'edge');
  if (site?.hosted) return <EdgeWorkspace edge={id} />;
  if (site) return <RemoteEdge site={site} />;
  if (error && sites.length === 0) return <Problem error={error} onRetry={refetch} />;
  if (!isPending || sites.length > 0) notFound();
  return (
    <div className="flex flex-1 flex-col gap-3 p-3 sm:p-4">
      <Skeleton className="h-16 rounded-lg" />
      <div className="grid flex-1 gap-3 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <Skeleton className="rounded-lg" />
        <Skeleton className="rounded-lg" />
      </div>
    </div>
  );
}
