'use client';
import { CircleSlash, Download, Eye, Send } from 'lucide-react';
import type { AssetDetail } from '@/lib/api/schemas';
import { formatBytes, formatEstimate } from '@/lib/format';
import { contentUrl } from '@/lib/queries/assets';
import { useLink } from '@/lib/queries/link';
import { useCancelRequests, useCreateRequests } from '@/lib/queries/requests';
import { showFailure } from '@/lib/ui-state/toasts';
import { useRefusal } from '../access/me';
import { Button } from '../ui/button';
import { LinkButton } from '../ui/link-button';
import { costOf, isCancellable, isRequestable } from './asset-table/cost';
import { expectedRate } from './expected-rate';

/** What can be done with one asset at an edge, with its cost on the button. */
export function AssetActions({ asset, onView }: { asset: AssetDetail; onView: (id: string) => void }) {
  const create = useCreateRequests(asset.site);
  const cancel = useCancelRequests(asset.site);
  const refusal = useRefusal('field', asset.site);
  const { data: link } = useLink(asset.site);
  const rate = expectedRate(link);
  const cost = costOf([asset], rate);
  const requestId = asset.requestId;
  return (
    <>
      {asset.hasContent && (
        <>
          <Button kind="primary" icon={Eye} onClick={() => onView(asset.id)}>
            View
          </Button>
          <LinkButton href={contentUrl(asset)} download={asset.fileName ?? asset.id} icon={Download}>
            Download
          </LinkButton>
        </>
      )}
      {isRequestable(asset) && (
        <Button
          kind="primary"
          icon={Send}
          pending={create.isPending}
          unavailable={refusal}
          onClick={() =>
            create.mutate([asset.id], {
              onError: (error) => showFailure(`${asset.title} could not be requested`, error),
            })
          }
        >
          Request {formatBytes(asset.bytes)}
          {cost.seconds !== null && `, ${formatEstimate(cost.seconds, rate?.orMore)}`}
        </Button>
      )}
      {isCancellable(asset) && requestId !== null && (
        <Button
          kind="danger"
          icon={CircleSlash}
          pending={cancel.isPending}
          unavailable={refusal}
          onClick={() =>
            cancel.mutate([requestId], { onError: (error) => showFailure('The request could not be cancelled', error) })
          }
        >
          Cancel request
        </Button>
      )}
    </>
  );
}
