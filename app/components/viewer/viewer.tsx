'use client';
import { ChevronLeft, ChevronRight, Download, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { KeyboardEvent } from 'react';
import type { AssetSummary } from '@/lib/api/schemas';
import { contentUrl, useAsset } from '@/lib/queries/assets';
import { AssetFacts } from '../assets/asset-facts';
import { AssetTimeline } from '../assets/asset-timeline';
import { Button } from '../ui/button';
import { LinkButton } from '../ui/link-button';
import { Nothing, Problem, Skeleton } from '../ui/notes';
import { useReturnFocus } from '../ui/return-focus';
import { ZoomStage } from './zoom-stage';

/** The delivered files, one at a time and large: zoom, next and previous, facts, download. Open while `id` is set. */
export function Viewer({
  site,
  id,
  assets,
  onView,
  onClose,
}: {
  site: string;
  id: string | null;
  /** What next and previous go through. */
  assets: readonly AssetSummary[];
  onView: (id: string) => void;
  onClose: () => void;
}) {
  const at = assets.findIndex((asset) => asset.id === id);
  const previous = at > 0 ? assets[at - 1] : undefined;
  const next = at >= 0 ? assets[at + 1] : undefined;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft' && previous) onView(previous.id);
    if (event.key === 'ArrowRight' && next) onView(next.id);
  };
  const returnFocus = useReturnFocus({ focusContent: true });
  return (
    <Dialog.Root open={id !== null} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Content
          {...returnFocus}
          aria-describedby={undefined}
          data-testid="viewer"
          onKeyDown={onKeyDown}
          className="fixed inset-0 z-40 grid grid-rows-[3fr_2fr] bg-ground outline-none lg:grid-cols-[minmax(0,1fr)_22rem] lg:grid-rows-1"
        >
          {id !== null && <Content site={site} id={id} />}
          <div className="absolute top-3 left-3 flex items-center gap-1 rounded-lg border border-line bg-surface/90 p-1">
            <Button
              size="sm"
              kind="quiet"
              icon={ChevronLeft}
              aria-label="Previous"
              unavailable={previous ? null : 'This is the newest delivered asset'}
              onClick={() => previous && onView(previous.id)}
            />
            <output className="min-w-14 text-center text-2xs text-ink-faint">
              {at < 0 ? '–' : `${at + 1} of ${assets.length}`}
            </output>
            <Button
              size="sm"
              kind="quiet"
              icon={ChevronRight}
              aria-label="Next"
              unavailable={next ? null : 'This is the oldest delivered asset shown'}
              onClick={() => next && onView(next.id)}
            />
          </div>
          <Dialog.Close asChild>
            <Button size="sm" icon={X} aria-label="Close" className="absolute top-3 right-3" />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Content({ site, id }: { site: string; id: string }) {
  const { data: asset, error, refetch } = useAsset(site, id);
  if (!asset)
    return (
      <>
        <Dialog.Title className="sr-only">Viewer</Dialog.Title>
        {error ? (
          <Problem error={error} onRetry={() => void refetch()} className="pt-16" />
        ) : (
          <Skeleton className="m-16" />
        )}
      </>
    );
  return (
    <>
      <div className="relative min-h-0 min-w-0 bg-black">
        {asset.hasContent ? (
          <Medium key={asset.id} asset={asset} />
        ) : (
          <Nothing title="The file is not here yet" className="h-full">
            Request it and start the mirror; it can be viewed once it is delivered.
          </Nothing>
        )}
      </div>
      <aside className="scroll-quiet flex min-h-0 flex-col gap-4 overflow-y-auto border-t border-line bg-surface p-4 lg:border-t-0 lg:border-l">
        <Dialog.Title className="pr-10 text-lg leading-6 font-semibold tracking-tight">{asset.title}</Dialog.Title>
        {asset.hasContent && (
          <LinkButton
            href={contentUrl(asset)}
            download={asset.fileName ?? asset.id}
            icon={Download}
            className="self-start"
          >
            Download
          </LinkButton>
        )}
        {asset.description && <p className="text-sm text-ink-soft">{asset.description}</p>}
        <AssetFacts asset={asset} />
        <AssetTimeline asset={asset} />
      </aside>
    </>
  );
}

/** The file in the way the browser can show it; others by download. */
function Medium({ asset }: { asset: AssetSummary }) {
  const type = asset.mediaType ?? '';
  if (type.startsWith('image/')) return <ZoomStage src={contentUrl(asset)} alt={asset.title} />;
  if (type.startsWith('video/'))
    // biome-ignore lint/a11y/useMediaCaption: feeds give no captions.
    return <video src={contentUrl(asset)} controls className="size-full" />;
  return (
    <Nothing title="This kind of file is not shown here" className="h-full">
      It is {type || 'of an unknown type'}; download it to open it.
    </Nothing>
  );
}
