'use client';
import type { AssetSummary } from '@/lib/api/schemas';
import { formatCount } from '@/lib/format';
import { AssetPicture } from '../assets/asset-picture';
import { Ago } from '../ui/figures';
import { useHeldList } from '../ui/held-list';
import { NewItems } from '../ui/new-items';
import { Nothing, Skeleton } from '../ui/notes';
import { Panel } from '../ui/panel';

/** The gallery holds the newest; the table finds the rest. */
const PICTURES_MAX = 60;

/** What has been delivered to this edge, as pictures; each opens the viewer. */
export function Delivered({
  delivered,
  isPending,
  onView,
  className,
}: {
  /** Newest first. */
  delivered: AssetSummary[];
  isPending: boolean;
  onView: (id: string) => void;
  className?: string;
}) {
  const { shown, fresh, show, handlers } = useHeldList(delivered.slice(0, PICTURES_MAX));
  return (
    <Panel
      title="Delivered"
      testId="delivered"
      className={className ?? ''}
      bodyClassName="overflow-y-auto scroll-quiet"
      aside={
        <>
          <NewItems count={fresh} onShow={show} />
          <span className="text-2xs text-ink-faint">{formatCount(delivered.length)} here</span>
        </>
      }
    >
      {isPending ? (
        <div className="grid grid-cols-2 gap-2 p-2">
          <Skeleton className="aspect-[3/2]" />
          <Skeleton className="aspect-[3/2]" />
          <Skeleton className="aspect-[3/2]" />
        </div>
      ) : shown.length === 0 ? (
        <Nothing title="Nothing has been delivered yet">
          Request assets in the table, wait until they are ready, then start the mirror.
        </Nothing>
      ) : (
        <ul {...handlers} className="grid grid-cols-2 gap-2 p-2 sm:grid-cols-4 lg:grid-cols-2">
          {shown.map((asset) => (
            <li key={asset.id} className="min-w-0">
              <button
                type="button"
                data-testid="delivered-asset"
                data-asset={asset.id}
                aria-label={`View ${asset.title}`}
                title={asset.title}
                onClick={() => onView(asset.id)}
                className="block w-full overflow-hidden rounded-md border border-line text-left hover:border-line-strong"
              >
                <AssetPicture asset={asset} className="aspect-[3/2] w-full" />
                <span className="flex items-center justify-between gap-1 px-1.5 py-1 text-2xs">
                  <span className="truncate text-ink">{asset.title}</span>
                  <Ago at={asset.updatedAt} className="text-ink-faint" />
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
