'use client';
import { RotateCw } from 'lucide-react';
import type { AssetSummary } from '@/lib/api/schemas';
import { HQ_SITE_ID } from '@/lib/domain/naming';
import { useFailedAssets, useRetryAsset } from '@/lib/queries/assets';
import { showFailure } from '@/lib/ui-state/toasts';
import { useRefusal } from '../access/me';
import { Button } from '../ui/button';
import { Ago } from '../ui/figures';
import { Nothing, Problem, Skeleton } from '../ui/notes';
import { PlainTable } from '../ui/plain-table';

/** Assets whose file HQ could not fetch, each with the reason and a way to try again. */
export function FailedTable({ onOpen }: { onOpen: (assetId: string) => void }) {
  const { data, error, refetch } = useFailedAssets(HQ_SITE_ID);
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="m-3 h-24" />;
  if (data.assets.length === 0)
    return (
      <Nothing title="Nothing has failed">An asset whose file can not be fetched appears here with the reason.</Nothing>
    );
  return (
    <PlainTable<AssetSummary>
      label="Failed assets"
      rows={data.assets}
      rowKey={(asset) => asset.id}
      columns={[
        {
          name: 'Asset',
          className: 'max-w-60',
          cell: (asset) => (
            <button
              type="button"
              onClick={() => onOpen(asset.id)}
              className="max-w-full truncate rounded-sm text-left font-medium hover:underline"
            >
              {asset.title}
            </button>
          ),
        },
        { name: 'Reason', className: 'w-1/2', cell: (asset) => asset.reason ?? 'No reason was given' },
        { name: 'Feed', className: 'hidden md:table-cell', cell: (asset) => asset.feed },
        { name: 'Failed', className: 'text-right', cell: (asset) => <Ago at={asset.updatedAt} /> },
        { name: 'Action', className: 'text-right', cell: (asset) => <RetryButton asset={asset} /> },
      ]}
    />
  );
}

/** Tries the download of a failed asset once more. */
export function RetryButton({ asset }: { asset: Pick<AssetSummary, 'id' | 'title'> }) {
  const retry = useRetryAsset(HQ_SITE_ID);
  const refusal = useRefusal('operator');
  return (
    <Button
      size="sm"
      icon={RotateCw}
      pending={retry.isPending}
      unavailable={refusal}
      aria-label={`Retry ${asset.title}`}
      onClick={() =>
        retry.mutate(asset.id, { onError: (error) => showFailure(`${asset.title} was not tried again`, error) })
      }
    >
      Retry
    </Button>
  );
}
