'use client';
import type { AssetSummary } from '@/lib/api/schemas';
import { AssetPicture } from '../assets/asset-picture';
import { cx } from '../ui/cx';
import { Ago, Bytes } from '../ui/figures';
import { StatusBadge } from '../ui/status-badge';
import { assetStatusStyle } from './asset-status';

/** An asset as a picture with its title, opened by a click. */
export function AssetTile({
  asset,
  onOpen,
  className,
  withStatus = true,
}: {
  asset: AssetSummary;
  onOpen: (id: string) => void;
  className?: string;
  withStatus?: boolean;
}) {
  const style = assetStatusStyle(asset);
  return (
    <button
      type="button"
      data-testid="asset-tile"
      data-asset={asset.id}
      data-status={asset.status}
      aria-label={`${asset.title}, ${style.label}`}
      onClick={() => onOpen(asset.id)}
      className={cx(
        'group flex w-full min-w-0 flex-col overflow-hidden rounded-md border border-line bg-surface text-left hover:border-line-strong',
        className,
      )}
    >
      <AssetPicture asset={asset} className="aspect-[3/2] w-full" />
      <span className="flex w-full min-w-0 flex-col gap-0.5 px-2 py-1.5">
        <span className="truncate text-xs font-medium text-ink" title={asset.title}>
          {asset.title}
        </span>
        <span className="flex min-w-0 items-center justify-between gap-2 text-2xs text-ink-faint">
          {withStatus ? (
            <StatusBadge style={style} reason={asset.reason} plain className="text-2xs" />
          ) : (
            <Bytes value={asset.bytes} />
          )}
          <Ago at={asset.updatedAt} short />
        </span>
      </span>
    </button>
  );
}
