'use client';
import type { RequestInfo } from '@/lib/api/schemas';
import { HQ_SITE_ID } from '@/lib/domain/naming';
import { previewUrl } from '@/lib/queries/assets';
import { Ago } from '../ui/figures';
import { StatusBadge } from '../ui/status-badge';
import { requestStatusStyle } from './request-status';

/** A request of an edge, as the picture of what it asked for. */
export function RequestTile({ request, onOpen }: { request: RequestInfo; onOpen: (assetId: string) => void }) {
  const style = requestStatusStyle(request.status);
  const title = request.title ?? request.assetId;
  return (
    <button
      type="button"
      data-testid="request-tile"
      aria-label={`${title} for ${request.edge}, ${style.label}`}
      onClick={() => onOpen(request.assetId)}
      className="flex w-full min-w-0 flex-col overflow-hidden rounded-md border border-line bg-surface text-left hover:border-line-strong"
    >
      <span className="relative block aspect-[3/2] w-full bg-raised">
        {/* biome-ignore lint/performance/noImgElement: previews come ready-made and small from this page's own server. */}
        <img
          src={previewUrl({ site: HQ_SITE_ID, id: request.assetId, sha256: null })}
          alt=""
          loading="lazy"
          decoding="async"
          className="absolute inset-0 size-full object-cover"
        />
        <span className="absolute top-1 left-1 rounded-sm bg-ground/85 px-1 text-2xs font-medium text-ink">
          → {request.edge}
        </span>
      </span>
      <span className="flex w-full min-w-0 flex-col gap-0.5 px-2 py-1.5">
        <span className="truncate text-xs font-medium text-ink" title={title}>
          {title}
        </span>
        <span className="flex min-w-0 items-center justify-between gap-2 text-2xs text-ink-faint">
          <StatusBadge style={style} reason={request.reason} plain className="text-2xs" />
          <Ago at={request.updatedAt} />
        </span>
      </span>
    </button>
  );
}
