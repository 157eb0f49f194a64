'use client';
import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import type { AssetDetail } from '@/lib/api/schemas';
import { useAsset } from '@/lib/queries/assets';
import { Problem, Skeleton } from '../ui/notes';
import { useReturnFocus } from '../ui/return-focus';
import { StatusBadge } from '../ui/status-badge';
import { AssetFacts } from './asset-facts';
import { AssetPicture } from './asset-picture';
import { assetStatusStyle } from './asset-status';
import { AssetTimeline } from './asset-timeline';
import { EdgeStates } from './edge-states';
import { TraceSection } from './trace/trace-section';

/** One asset at one site, beside the page: picture, what can be done, facts, timeline. Open while `id` is set. */
export function AssetDrawer({
  site,
  id,
  onClose,
  actions,
}: {
  site: string;
  id: string | null;
  onClose: () => void;
  actions: (asset: AssetDetail) => ReactNode;
}) {
  const returnFocus = useReturnFocus({ focusContent: true });
  return (
    <Dialog.Root open={id !== null} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          {...returnFocus}
          aria-describedby={undefined}
          data-testid="asset-drawer"
          className="fixed inset-y-0 right-0 z-50 flex w-[min(30rem,100vw)] flex-col overflow-y-auto border-l border-line-strong bg-surface outline-none"
        >
          <Dialog.Close
            aria-label="Close"
            className="absolute top-2 right-2 z-10 rounded-md border border-line bg-surface/90 p-1.5 text-ink-soft hover:text-ink"
          >
            <X aria-hidden className="size-4" />
          </Dialog.Close>
          {id !== null && <Content site={site} id={id} actions={actions} />}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Content({ site, id, actions }: { site: string; id: string; actions: (asset: AssetDetail) => ReactNode }) {
  const { data: asset, error, refetch } = useAsset(site, id);
  if (!asset)
    return (
      <>
        <Dialog.Title className="px-4 pt-4 pr-12 text-base font-semibold break-words">
          {error ? 'This asset can not be shown' : 'Reading the asset…'}
        </Dialog.Title>
        {error ? (
          <Problem error={error} onRetry={() => void refetch()} />
        ) : (
          <div className="flex flex-col gap-3 p-4">
            <Skeleton className="aspect-[3/2]" />
            <Skeleton className="h-24" />
          </div>
        )}
      </>
    );
  return (
    <>
      <AssetPicture asset={asset} className="aspect-[3/2] w-full shrink-0" />
      <div className="flex flex-col gap-4 p-4">
        <div>
          <Dialog.Title className="text-lg leading-6 font-semibold tracking-tight">{asset.title}</Dialog.Title>
          <div className="mt-1.5 flex flex-wrap items-center gap-2">
            <StatusBadge style={assetStatusStyle(asset)} reason={asset.reason} />
            <span className="text-xs text-ink-faint">at {asset.site}</span>
          </div>
          {asset.reason && <p className="mt-2 text-sm text-ink-soft">{asset.reason}</p>}
        </div>
        <div className="flex flex-wrap gap-2 empty:hidden">{actions(asset)}</div>
        {asset.description && <p className="text-sm text-ink-soft">{asset.description}</p>}
        <EdgeStates edges={asset.edges} />
        <AssetTimeline asset={asset} />
        <TraceSection asset={asset} />
        <AssetFacts asset={asset} />
      </div>
    </>
  );
}
