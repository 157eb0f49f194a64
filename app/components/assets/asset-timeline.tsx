import type { AssetDetail } from '@/lib/api/schemas';
import { REQUEST_STATUS_STYLE, type RequestStatus, type StatusStyle } from '@/lib/domain/status';
import { ageMs, formatClock, formatDuration, formatTimestamp } from '@/lib/format';
import { StatusIcon } from '../ui/status-icon';
import { knownAssetStatusStyle } from './asset-status';

/** The asset's history at this site, oldest first, with the time each step took. */
export function AssetTimeline({ asset }: { asset: AssetDetail }) {
  if (asset.timeline.length === 0) return null;
  return (
    <section aria-label="Timeline">
      <h3 className="mb-1.5 text-xs font-semibold text-ink-faint">Timeline</h3>
      <ol className="flex flex-col">
        {asset.timeline.map((entry, index) => {
          const style = styleOf(asset.site, entry);
          const before = asset.timeline[index - 1];
          const tookMs = before ? ageMs(before.at, Date.parse(entry.at)) : null;
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: a timeline only grows at its end.
              key={index}
              className="grid grid-cols-[4rem_1rem_minmax(0,1fr)] gap-x-2 text-xs"
            >
              <time dateTime={entry.at} title={formatTimestamp(entry.at)} className="pt-0.5 text-2xs text-ink-faint">
                {formatClock(entry.at)}
              </time>
              <span className="flex flex-col items-center">
                <StatusIcon icon={style?.icon ?? 'Circle'} tone={style?.tone ?? 'off'} className="mt-0.5" />
                {index < asset.timeline.length - 1 && (
                  <span aria-hidden className="my-0.5 w-px flex-1 bg-line-strong" />
                )}
              </span>
              <span className="min-w-0 pb-2.5">
                <span className="font-medium text-ink">{style?.label ?? entry.what}</span>{' '}
                <span className="text-ink-faint">
                  {entry.edge && entry.edge !== entry.by && `for ${entry.edge} `}by {entry.by}
                  {tookMs !== null && tookMs >= 0 && (
                    <>
                      {' · '}
                      <span className="whitespace-nowrap">after {formatDuration(tookMs / 1000)}</span>
                    </>
                  )}
                </span>
                {entry.detail && <span className="block break-words text-ink-soft">{entry.detail}</span>}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** An entry is a status of the asset, a status of an edge's request, or something else that happened (undefined). */
function styleOf(site: string, { what, edge }: AssetDetail['timeline'][number]): StatusStyle | undefined {
  if (edge) return REQUEST_STATUS_STYLE[what as RequestStatus];
  return knownAssetStatusStyle({ site, status: what });
}
