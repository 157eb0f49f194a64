'use client';
import { ArrowUpRight, Building2, TentTree } from 'lucide-react';
import Link from 'next/link';
import type { Service, Site } from '@/lib/api/schemas';
import {
  EDGE_STATUS_STYLE,
  EDGE_STATUSES,
  FABRIC_STATUS_STYLE,
  HQ_STATUS_STYLE,
  HQ_STATUSES,
  SERVICE_STATUS_STYLE,
  serviceStatus,
} from '@/lib/domain/status';
import { formatCount } from '@/lib/format';
import { AssetPicture } from '../assets/asset-picture';
import { sitePagePath } from '../shell/site-nav';
import { Ago } from '../ui/figures';
import { StatusBadge } from '../ui/status-badge';
import { StatusIcon } from '../ui/status-icon';
import { useLatestPictures } from './latest-pictures';
import { StatusCounts } from './status-bar';

/** A site as a pole of the mission picture: its fabric, its services, its assets. */
export function SiteNode({ site, services }: { site: Site; services: Service[] }) {
  const isHq = site.role === 'hq';
  const Icon = isHq ? Building2 : TentTree;
  return (
    <Link
      href={sitePagePath(site)}
      data-testid={`site-${site.id}`}
      className="group relative z-10 block rounded-lg border border-line bg-surface p-3 hover:border-line-strong"
    >
      <div className="flex items-center gap-2">
        <Icon aria-hidden className="size-4 text-ink-faint" />
        <h2 className="text-lg font-semibold tracking-tight">{isHq ? site.id.toUpperCase() : site.id}</h2>
        <span className="text-xs text-ink-faint">{isHq ? 'headquarters' : 'field team'}</span>
        <ArrowUpRight aria-hidden className="ml-auto size-4 text-ink-faint group-hover:text-ink" />
      </div>
      {site.hosted ? (
        <div className="mt-2 flex flex-wrap items-center gap-1.5">
          <StatusBadge style={FABRIC_STATUS_STYLE[site.fabric.state]} reason={site.fabric.reason} />
          <ServiceMarks services={services} />
        </div>
      ) : (
        <RemoteNode site={site} />
      )}
      {site.hosted && <NodePictures site={site} />}
      {site.counts && (
        <div className="mt-3">
          <StatusCounts
            counts={site.counts}
            order={isHq ? HQ_STATUSES : EDGE_STATUSES}
            styles={isHq ? HQ_STATUS_STYLE : EDGE_STATUS_STYLE}
          />
        </div>
      )}
    </Link>
  );
}

/** One mark a service, each with its word for those who do not see it. */
function ServiceMarks({ services }: { services: Service[] }) {
  return (
    <ul className="flex gap-1">
      {services.map((service) => {
        const style = SERVICE_STATUS_STYLE[serviceStatus(service.state, service.health.status)];
        return (
          <li
            key={service.id}
            title={`${service.title}: ${style.label}`}
            className="rounded-sm border border-line bg-raised p-1"
          >
            <StatusIcon icon={style.icon} tone={style.tone} className="size-3" />
            <span className="sr-only">
              {service.title}: {style.label}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function RemoteNode({ site }: { site: Site }) {
  return (
    <p className="mt-2 text-xs text-ink-soft">
      Hosted elsewhere. Last heard <Ago at={site.remote?.lastSeenAt} never="never" />
      {site.remote?.lagRecords !== null && site.remote !== null && (
        <>, {formatCount(site.remote.lagRecords)} records behind then</>
      )}
      .
    </p>
  );
}

const PICTURES = 4;

/** The newest pictures at a site, at a glance. */
function NodePictures({ site }: { site: Site }) {
  const latest = (useLatestPictures(site).pictures ?? []).slice(0, PICTURES);
  if (latest.length === 0) return null;
  return (
    <div aria-hidden className="mt-3 grid grid-cols-4 gap-1">
      {latest.map((asset) => (
        <AssetPicture key={asset.id} asset={asset} className="aspect-square rounded-sm" />
      ))}
    </div>
  );
}
