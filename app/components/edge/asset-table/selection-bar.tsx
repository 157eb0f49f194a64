'use client';
import { CircleSlash, Send, X } from 'lucide-react';
import { useState } from 'react';
import type { AssetSummary, Link } from '@/lib/api/schemas';
import { formatBytes, formatBytesExact, formatCount, formatEstimate, plural } from '@/lib/format';
import { useCancelRequests, useCreateRequests } from '@/lib/queries/requests';
import { showFailure, useToasts } from '@/lib/ui-state/toasts';
import { useRefusal } from '../../access/me';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { expectedRate, formatRate, type Rate } from '../expected-rate';
import { type Cost, costOf, isCancellable, isRequestable } from './cost';

/** A note holds two sentences; the rows show the rest. */
const REFUSALS_SHOWN_MAX = 2;

/** What the selection would cost, before the click; and the click. */
export function SelectionBar({
  edge,
  selected,
  link,
  onClear,
}: {
  edge: string;
  selected: readonly AssetSummary[];
  link: Link | undefined;
  onClear: () => void;
}) {
  const [asking, setAsking] = useState(false);
  const create = useCreateRequests(edge);
  const cancel = useCancelRequests(edge);
  const refusal = useRefusal('field', edge);
  const show = useToasts((toasts) => toasts.show);
  const requestable = selected.filter(isRequestable);
  const cancellable = selected.filter(isCancellable);
  const rate = expectedRate(link);
  const request = () =>
    create.mutate(
      requestable.map((asset) => asset.id),
      {
        onSuccess: ({ requests, refused }) => {
          show({
            tone: refused.length > 0 ? 'attention' : 'waiting',
            title: `${plural(requests.length, 'asset')} requested`,
            detail: [
              ...refused.slice(0, REFUSALS_SHOWN_MAX).map((one) => `Not requested: ${one.message}.`),
              whatNext(link),
            ].join(' '),
          });
          onClear();
        },
        onError: (error) => showFailure('The assets could not be requested', error),
      },
    );
  const withdraw = () =>
    cancel.mutate(
      cancellable.flatMap((asset) => asset.requestId ?? []),
      { onSuccess: onClear, onError: (error) => showFailure('Not every request could be cancelled', error) },
    );
  return (
    <div
      data-testid="selection-bar"
      className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1.5 border-t border-line px-3 py-2"
    >
      {selected.length === 0 ? (
        <p className="text-xs text-ink-faint">Tick assets to see what they cost on the link, then request them.</p>
      ) : (
        <>
          <p className="min-w-0 flex-1 text-xs text-ink-soft" aria-live="polite">
            <span className="font-semibold text-ink">{formatCount(selected.length)} selected</span>
            <CostWords cost={costOf(requestable, rate)} count={requestable.length} rate={rate} />
          </p>
          <Button size="sm" kind="quiet" icon={X} onClick={onClear} aria-label="Clear the selection" />
          <Button
            size="sm"
            kind="danger"
            icon={CircleSlash}
            pending={cancel.isPending}
            unavailable={
              refusal ??
              (cancellable.length === 0
                ? 'None of the selected assets has a request that can still be withdrawn'
                : null)
            }
            onClick={() => setAsking(true)}
          >
            Cancel {cancellable.length > 0 && formatCount(cancellable.length)}
          </Button>
          <Button
            size="sm"
            kind="primary"
            icon={Send}
            pending={create.isPending}
            unavailable={
              refusal ?? (requestable.length === 0 ? 'The selected assets are already on their way, or here' : null)
            }
            onClick={request}
          >
            Request {requestable.length > 0 && formatCount(requestable.length)}
          </Button>
          <Confirm
            open={asking}
            onOpenChange={setAsking}
            title={`Cancel ${plural(cancellable.length, 'request')}?`}
            action="Cancel them"
            onConfirm={withdraw}
          >
            <p>HQ is told to let go of what it staged for {edge}. The assets can be requested again.</p>
          </Confirm>
        </>
      )}
    </div>
  );
}

function CostWords({ cost, count, rate }: { cost: Cost; count: number; rate: Rate | null }) {
  if (count === 0) return <span>, nothing to request among them</span>;
  return (
    <span data-testid="cost">
      {' · '}
      {formatCount(count)} to request:{' '}
      <span className="font-semibold text-ink" title={formatBytesExact(cost.bytes)}>
        {formatBytes(cost.bytes)}
      </span>
      {cost.unsized > 0 && ` and ${cost.unsized} of unknown size`}
      {', '}
      {cost.seconds === null || rate === null ? (
        'time not known while the link’s rate is not'
      ) : (
        <>
          <span className="font-semibold text-ink">{formatEstimate(cost.seconds, rate.orMore)}</span> at{' '}
          {formatRate(rate)}
        </>
      )}
    </span>
  );
}

/** What happens after a request, as the link stands. */
function whatNext(link: Link | undefined): string {
  if (link && link.outbound.state !== 'up')
    return 'The link to HQ is not up: the requests wait here and go when it is.';
  return 'HQ stages them; start the mirror when they are ready.';
}
