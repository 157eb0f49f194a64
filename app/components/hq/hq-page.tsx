'use client';
import { Download } from 'lucide-react';
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import type { AssetDetail } from '@/lib/api/schemas';
import { HQ_SITE_ID } from '@/lib/domain/naming';
import { contentUrl, useFailedAssets } from '@/lib/queries/assets';
import { useDeadLetters } from '@/lib/queries/dead-letters';
import { useMission } from '@/lib/queries/mission';
import { useRequests } from '@/lib/queries/requests';
import { AssetDrawer } from '../assets/asset-drawer';
import { LogPanel } from '../log/log-panel';
import { VerdictStrip } from '../mission/verdict-strip';
import { LinkButton } from '../ui/link-button';
import { Nothing, Problem } from '../ui/notes';
import { Tabs } from '../ui/tabs';
import { DeadLettersTable } from './dead-letters-table';
import { EdgesPanel } from './edges/edges-panel';
import { FailedTable, RetryButton } from './failed-table';
import { Pipeline } from './pipeline';
import { RequestsTable } from './requests-table';

const TABS = ['requests', 'failed', 'dead-letters', 'edges', 'log'] as const;

/** The operator's dashboard. */
export function HqPage() {
  const mission = useMission();
  const hq = mission.sites.find((site) => site.id === HQ_SITE_ID);
  if (mission.error && !hq) return <Problem error={mission.error} onRetry={mission.refetch} />;
  if (!mission.isPending && !hq?.hosted) return <HostedElsewhere />;
  const own = {
    ...mission,
    sites: hq ? [hq] : [],
    services: mission.services.filter((service) => service.site === HQ_SITE_ID),
    links: {},
  };
  return (
    <div className="flex w-full flex-1 flex-col gap-3 p-3 sm:p-4">
      <VerdictStrip mission={own} heading="Headquarters" allWell="All services run" />
      <Work />
    </div>
  );
}

function Work() {
  const [asset, setAsset] = useQueryState('asset', parseAsString.withOptions({ history: 'push' }));
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('requests'));
  const requests = useRequests(HQ_SITE_ID).data?.requests.length;
  const failed = useFailedAssets(HQ_SITE_ID).data?.total;
  const dead = useDeadLetters(HQ_SITE_ID).data?.deadLetters.length;
  const open = (id: string) => void setAsset(id);
  return (
    <>
      <Pipeline onOpen={open} />
      <Tabs
        label="Details of headquarters"
        value={tab}
        onChange={(id) => void setTab(id as (typeof TABS)[number])}
        tabs={[
          { id: 'requests', label: 'Edge requests', count: requests, content: <RequestsTable onOpen={open} /> },
          { id: 'failed', label: 'Failed', count: failed, urgent: true, content: <FailedTable onOpen={open} /> },
          {
            id: 'dead-letters',
            label: 'Dead letters',
            count: dead,
            urgent: true,
            content: <DeadLettersTable site={HQ_SITE_ID} />,
          },
          { id: 'edges', label: 'Edge access', content: <EdgesPanel site={HQ_SITE_ID} /> },
          { id: 'log', label: 'Log', content: <LogPanel site={HQ_SITE_ID} /> },
        ]}
      />
      <AssetDrawer site={HQ_SITE_ID} id={asset} onClose={() => void setAsset(null)} actions={hqActions} />
    </>
  );
}

const hqActions = (asset: AssetDetail) => (
  <>
    {asset.status === 'failed' && <RetryButton asset={asset} />}
    {asset.hasContent && (
      <LinkButton href={contentUrl(asset)} download={asset.fileName ?? asset.id} icon={Download}>
        Download
      </LinkButton>
    )}
  </>
);

const HostedElsewhere = () => (
  <div className="graticule flex flex-1 items-center justify-center">
    <Nothing title="HQ is hosted elsewhere">
      This server hosts edges only. HQ’s services, feeds and files are seen at the server that hosts HQ; what its edges
      know of it is on their pages.
    </Nothing>
  </div>
);
