'use client';
import { useRouter } from 'next/navigation';
import { useMemo } from 'react';
import type { AssetSummary, Site } from '@/lib/api/schemas';
import { AssetTile } from '../assets/asset-tile';
import { sitePagePath } from '../shell/site-nav';
import { useHeldList } from '../ui/held-list';
import { NewItems } from '../ui/new-items';
import { Nothing, Problem, Skeleton } from '../ui/notes';
import { Panel } from '../ui/panel';
import { useLatestPictures } from './latest-pictures';

const TILES_MAX = 14;
const NONE: AssetSummary[] = [];

/** The latest pictures at a site: at HQ what was ingested, at an edge what was delivered. */
export function LatestImagery({ site }: { site: Site }) {
  const router = useRouter();
  const { pictures, error, refetch } = useLatestPictures(site);
  const isHq = site.role === 'hq';
  const latest = useMemo(() => (pictures ?? NONE).slice(0, TILES_MAX), [pictures]);
  const { shown, fresh, show, handlers } = useHeldList(latest);
  const open = (id: string) =>
    router.push(`${sitePagePath(site)}?${isHq ? 'asset' : 'view'}=${encodeURIComponent(id)}`);
  return (
    <Panel title={isHq ? 'Latest at HQ' : `Delivered at ${site.id}`} aside={<NewItems count={fresh} onShow={show} />}>
      {error && !pictures ? (
        <Problem error={error} onRetry={refetch} />
      ) : !pictures ? (
        <div className="flex gap-2 overflow-hidden p-3">
          {['a', 'b', 'c', 'd', 'e'].map((key) => (
            <Skeleton key={key} className="h-36 w-44 shrink-0" />
          ))}
        </div>
      ) : shown.length === 0 ? (
        <Nothing title={isHq ? 'Nothing has been ingested yet' : 'Nothing has been delivered yet'}>
          {isHq
            ? 'Pictures appear here as the feeds name them and the downloader fetches them.'
            : `Request an asset on the page of ${site.id}, then start its mirror.`}
        </Nothing>
      ) : (
        <div {...handlers} className="scroll-quiet flex gap-2 overflow-x-auto p-3">
          {shown.map((asset) => (
            <AssetTile key={asset.id} asset={asset} onOpen={open} className="w-40 shrink-0 2xl:w-48" />
          ))}
        </div>
      )}
    </Panel>
  );
}
