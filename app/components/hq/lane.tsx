'use client';
import type { ReactNode } from 'react';
import type { Service } from '@/lib/api/schemas';
import { ServiceTile, ServiceTileSkeleton } from '../services/service-tile';
import { useHeldList } from '../ui/held-list';
import { NewItems } from '../ui/new-items';
import { Nothing, Skeleton } from '../ui/notes';

/** A service, and under it what it has had in hand. Rows stay still under the pointer. */
export function Lane<T extends { id: string }>({
  service,
  name,
  items,
  error,
  empty,
  render,
}: {
  service: Service | undefined;
  /** What the lane's list holds, for those who hear it. */
  name: string;
  items: T[] | undefined;
  /** Why there are none to show. */
  error: Error | null;
  /** What to say while it holds nothing, and what to do then. */
  empty: { title: string; next: string };
  render: (item: T) => ReactNode;
}) {
  const { shown, fresh, show, handlers } = useHeldList(items ?? []);
  return (
    <div className="flex min-h-0 min-w-0 flex-col gap-2 lg:row-span-2 lg:grid lg:grid-rows-subgrid">
      {service ? <ServiceTile service={service} /> : <ServiceTileSkeleton />}
      <div className="relative flex min-h-0 flex-1 flex-col">
        <div className="absolute inset-x-0 top-1 z-10 flex justify-center">
          <NewItems count={fresh} onShow={show} />
        </div>
        {items === undefined && error ? (
          <Nothing title="Can not be read now" className="flex-1 rounded-lg border border-dashed border-line">
            {error.message}
          </Nothing>
        ) : items === undefined ? (
          <div className="grid grid-cols-2 gap-2">
            <Skeleton className="aspect-square" />
            <Skeleton className="aspect-square" />
          </div>
        ) : shown.length === 0 ? (
          <Nothing title={empty.title} className="flex-1 rounded-lg border border-dashed border-line">
            {empty.next}
          </Nothing>
        ) : (
          <ul
            {...handlers}
            aria-label={name}
            className="scroll-quiet flex gap-2 overflow-x-auto pb-1 lg:grid lg:auto-rows-max lg:grid-cols-2 lg:overflow-x-hidden lg:overflow-y-auto"
          >
            {shown.map((item) => (
              <li key={item.id} className="w-36 min-w-0 shrink-0 lg:w-auto">
                {render(item)}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
