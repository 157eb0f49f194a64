'use client';
import { useRef } from 'react';
import type { Site } from '@/lib/api/schemas';
import { useMirror } from '@/lib/queries/mirror';
import type { Mission } from '@/lib/queries/mission';
import { Nothing, Skeleton } from '../ui/notes';
import { LinkPicture, type Row } from './link-picture';
import { SiteNode } from './site-node';
import { useSize } from './use-size';

/** Below this the picture stands upright. */
const UPRIGHT_BELOW_PX = 760;

/** HQ, the edges, and the links between them. */
export function MissionMap({ mission }: { mission: Mission }) {
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  const hq = mission.sites.find((site) => site.role === 'hq');
  const edges = mission.sites.filter((site) => site.role === 'edge');
  const upright = width < UPRIGHT_BELOW_PX;
  const servicesOf = (site: Site) => mission.services.filter((service) => service.site === site.id);
  return (
    <section
      aria-label="Sites and links"
      ref={box}
      className="graticule flex flex-1 flex-col rounded-lg border border-line p-3 sm:p-5"
    >
      {mission.isPending || width === 0 ? (
        <div className="flex h-72 items-center justify-between gap-6">
          <Skeleton className="h-48 w-72" />
          <Skeleton className="h-px flex-1" />
          <Skeleton className="h-48 w-72" />
        </div>
      ) : (
        <div
          className={
            upright
              ? 'flex flex-col'
              : 'grid min-h-64 flex-1 grid-cols-[minmax(15rem,19rem)_1fr_minmax(15rem,19rem)] 2xl:grid-cols-[24rem_1fr_24rem]'
          }
        >
          <div className="flex flex-col justify-center">
            {hq ? <SiteNode site={hq} services={servicesOf(hq)} /> : <UnknownHq />}
          </div>
          <div className={upright ? '' : 'col-span-2 grid auto-rows-fr gap-4'}>
            {edges.map((edge, index) => (
              <div
                key={edge.id}
                className={
                  upright
                    ? ''
                    : 'grid grid-cols-[1fr_minmax(15rem,19rem)] items-center 2xl:grid-cols-[1fr_24rem] [&>:first-child]:self-stretch'
                }
              >
                <EdgeLink edge={edge} mission={mission} upright={upright} row={{ index, count: edges.length }} />
                <SiteNode site={edge} services={servicesOf(edge)} />
              </div>
            ))}
            {edges.length === 0 && (
              <Nothing title="No edge has joined this mission">
                Start one with its address of HQ; it appears here once its link has reported.
              </Nothing>
            )}
          </div>
        </div>
      )}
    </section>
  );
}

function EdgeLink({ edge, mission, upright, row }: { edge: Site; mission: Mission; upright: boolean; row: Row }) {
  const link = mission.links[edge.id];
  const { data: mirror } = useMirror(edge.id, edge.hosted);
  if (edge.hosted && !link) return <Skeleton className="h-px w-full self-center" />;
  return (
    <LinkPicture
      edge={edge.id}
      link={link ?? null}
      mirror={mirror}
      turned={upright}
      row={row}
      className={upright ? (link ? 'h-44' : 'h-20') : link ? 'h-full min-h-52' : 'h-full min-h-24'}
    />
  );
}

const UnknownHq = () => (
  <div className="rounded-lg border border-dashed border-line-strong bg-surface p-3">
    <h2 className="text-lg font-semibold">HQ</h2>
    <p className="mt-1 text-xs text-ink-soft">
      Hosted elsewhere: this server hosts edges only and reaches HQ by their links.
    </p>
  </div>
);
