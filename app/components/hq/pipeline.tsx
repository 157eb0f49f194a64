'use client';
import { useMemo } from 'react';
import { HQ_SITE_ID } from '@/lib/domain/naming';
import { useRecent } from '@/lib/queries/assets';
import { useRequests } from '@/lib/queries/requests';
import { useServices } from '@/lib/queries/services';
import { AssetTile } from '../assets/asset-tile';
import { Problem } from '../ui/notes';
import { Lane } from './lane';
import { type AssetLane, laneAssets } from './lanes';
import { RequestTile } from './request-tile';

/** Two or three screens of pictures a lane; the rest is found by search. */
const LANE_TILES_MAX = 30;
const LANES: { id: AssetLane; name: string; empty: { title: string; next: string } }[] = [
  {
    id: 'feed-ingest',
    name: 'Announced assets',
    empty: {
      title: 'No feed has named an asset yet',
      next: 'Check that Feed ingest runs and that a feed is configured.',
    },
  },
  {
    id: 'downloader',
    name: 'Downloaded assets',
    empty: { title: 'Nothing has been downloaded yet', next: 'The downloader fetches what a feed names.' },
  },
  {
    id: 'broadcaster',
    name: 'Broadcast assets',
    empty: { title: 'No edge has been told of anything yet', next: 'The broadcaster announces what was downloaded.' },
  },
];
const NOT_ASKED = {
  title: 'No edge has asked for anything yet',
  next: 'A field team asks on its own page; its requests come over the link.',
};

/** HQ's services in the order of the flow, each with the assets it has had in hand: an asset is seen to travel to the right. */
export function Pipeline({ onOpen }: { onOpen: (id: string) => void }) {
  const services = useServices(HQ_SITE_ID);
  const { data: recent, error: unread } = useRecent(HQ_SITE_ID);
  const { data: requests, error: unasked } = useRequests(HQ_SITE_ID);
  const lanes = useMemo(
    () => LANES.map((lane) => ({ ...lane, items: recent && laneAssets(lane.id, recent, LANE_TILES_MAX) })),
    [recent],
  );
  const asked = useMemo(
    () =>
      requests &&
      [...requests.requests].sort((a, b) => b.updatedAt.localeCompare(a.updatedAt)).slice(0, LANE_TILES_MAX),
    [requests],
  );
  if (services.error && !services.data)
    return <Problem error={services.error} onRetry={() => void services.refetch()} />;
  const service = (id: string) => services.data?.services.find((one) => one.id === id);
  return (
    <section
      aria-label="Services and the assets they work on"
      className="grid min-h-0 flex-1 gap-3 sm:grid-cols-2 lg:h-[calc(100dvh-13rem)] lg:flex-none lg:grid-cols-4 lg:grid-rows-[auto_minmax(14rem,1fr)] lg:gap-y-2"
    >
      {lanes.map((lane) => (
        <Lane
          key={lane.id}
          service={service(lane.id)}
          name={lane.name}
          items={lane.items}
          error={unread}
          empty={lane.empty}
          render={(asset) => <AssetTile asset={asset} onOpen={onOpen} />}
        />
      ))}
      <Lane
        service={service('responder')}
        name="Requests of the edges"
        items={asked}
        error={unasked}
        empty={NOT_ASKED}
        render={(request) => <RequestTile request={request} onOpen={onOpen} />}
      />
    </section>
  );
}
