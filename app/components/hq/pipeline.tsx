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
const LANES: { id: AssetLane; name: string; empty: string }[] = [
  { id: 'feed-ingest', name: 'Announced assets', empty: 'No feed has named an asset yet' },
  { id: 'downloader', name: 'Downloaded assets', empty: 'Nothing has been downloaded yet' },
  { id: 'broadcaster', name: 'Broadcast assets', empty: 'No edge has been told of anything yet' },
];

/** HQ's services in the order of the flow, each with the assets it has had in hand: an asset is seen to travel to the right. */
export function Pipeline({ onOpen }: { onOpen: (id: string) => void }) {
  const services = useServices(HQ_SITE_ID);
  const { data: recent } = useRecent(HQ_SITE_ID);
  const { data: requests } = useRequests(HQ_SITE_ID);
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
      className="grid min-h-0 flex-1 gap-3 sm:grid-cols-2 lg:h-[calc(100dvh-13rem)] lg:flex-none lg:grid-cols-4 lg:grid-rows-[minmax(24rem,1fr)]"
    >
      {lanes.map((lane) => (
        <Lane
          key={lane.id}
          service={service(lane.id)}
          name={lane.name}
          items={lane.items}
          empty={lane.empty}
          render={(asset) => <AssetTile asset={asset} onOpen={onOpen} />}
        />
      ))}
      <Lane
        service={service('responder')}
        name="Requests of the edges"
        items={asked}
        empty="No edge has asked for anything yet"
        render={(request) => <RequestTile request={request} onOpen={onOpen} />}
      />
    </section>
  );
}
