'use client';
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import { useCallback, useMemo } from 'react';
import { EDGE_SERVICES } from '@/lib/domain/services';
import { useCatalogue } from '@/lib/queries/assets';
import { useDeadLetters } from '@/lib/queries/dead-letters';
import { useLink } from '@/lib/queries/link';
import { useServices } from '@/lib/queries/services';
import { AssetDrawer } from '../assets/asset-drawer';
import { DeadLettersTable } from '../hq/dead-letters-table';
import { LogPanel } from '../log/log-panel';
import { ServiceTile, ServiceTileSkeleton } from '../services/service-tile';
import { Tabs } from '../ui/tabs';
import { Viewer } from '../viewer/viewer';
import { AssetActions } from './asset-actions';
import { AssetTable } from './asset-table/asset-table';
import { Conditioner } from './conditioner';
import { Delivered } from './delivered';
import { LinkHeader } from './link-header';
import { MirrorPanel } from './mirror-panel';
import { ThroughputPanel } from './throughput-panel';

const TABS = ['log', 'dead-letters'] as const;

/** Link, assets, mirror and what was delivered, on one screen; services, throughput and log below. */
export function EdgeWorkspace({ edge }: { edge: string }) {
  const [asset, setAsset] = useQueryState('asset', parseAsString.withOptions({ history: 'push' }));
  const [view, setView] = useQueryState('view', parseAsString.withOptions({ history: 'push' }));
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('log'));
  const { assets, isPending } = useCatalogue(edge);
  const dead = useDeadLetters(edge).data?.deadLetters.length;
  const delivered = useMemo(
    () => assets.filter((one) => one.status === 'delivered').sort((a, b) => b.updatedAt.localeCompare(a.updatedAt)),
    [assets],
  );
  const onOpen = useCallback((id: string) => void setAsset(id), [setAsset]);
  const onView = useCallback(
    (id: string) => {
      void setAsset(null);
      void setView(id);
    },
    [setAsset, setView],
  );
  return (
    <div className="flex w-full flex-1 flex-col gap-3 p-3 sm:p-4">
      <LinkHeader edge={edge} />
      <div className="grid gap-3 lg:h-[calc(100dvh-11rem)] lg:min-h-[30rem] lg:grid-cols-[minmax(0,1fr)_22rem]">
        <AssetTable edge={edge} onOpen={onOpen} className="h-[85dvh] lg:h-auto lg:min-h-0" />
        <div className="flex min-h-0 flex-col gap-3">
          <MirrorPanel edge={edge} />
          <Delivered delivered={delivered} isPending={isPending} onView={onView} className="min-h-48 flex-1" />
        </div>
      </div>
      <EdgeServices edge={edge} />
      <Instruments edge={edge} />
      <Tabs
        label={`Details of ${edge}`}
        value={tab}
        onChange={(id) => void setTab(id as (typeof TABS)[number])}
        tabs={[
          { id: 'log', label: 'Log', content: <LogPanel site={edge} /> },
          {
            id: 'dead-letters',
            label: 'Dead letters',
            count: dead,
            urgent: true,
            content: <DeadLettersTable site={edge} />,
          },
        ]}
      />
      <AssetDrawer
        site={edge}
        id={asset}
        onClose={() => void setAsset(null)}
        actions={(one) => <AssetActions asset={one} onView={onView} />}
      />
      <Viewer
        site={edge}
        id={view}
        assets={delivered}
        onView={(id) => void setView(id, { history: 'replace' })}
        onClose={() => void setView(null)}
      />
    </div>
  );
}

function EdgeServices({ edge }: { edge: string }) {
  const { data } = useServices(edge);
  return (
    <section aria-label={`Services at ${edge}`} className="grid gap-3 md:grid-cols-3">
      {EDGE_SERVICES.map((id) => {
        const service = data?.services.find((one) => one.id === id);
        return service ? <ServiceTile key={id} service={service} /> : <ServiceTileSkeleton key={id} />;
      })}
    </section>
  );
}

function Instruments({ edge }: { edge: string }) {
  const { data: link } = useLink(edge);
  return (
    <div className={link?.conditions ? 'grid gap-3 lg:grid-cols-[minmax(0,1fr)_22rem]' : undefined}>
      <ThroughputPanel edge={edge} />
      {link?.conditions && <Conditioner edge={edge} conditions={link.conditions} />}
    </div>
  );
}
