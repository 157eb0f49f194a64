import type { ReactNode } from 'react';
import type { AssetDetail } from '@/lib/api/schemas';
import { formatPlace, formatTimestamp } from '@/lib/format';
import { Bytes } from '../ui/figures';

/** Everything known of an asset, one line each; what is not known is left out. */
export function AssetFacts({ asset }: { asset: AssetDetail }) {
  return (
    <section aria-label="Facts">
      <h3 className="mb-1.5 text-xs font-semibold text-ink-faint">Facts</h3>
      <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-3 gap-y-1 text-xs">
        <Fact name="Acquired">{asset.acquiredAt && formatTimestamp(asset.acquiredAt)}</Fact>
        <Fact name="Place">{asset.place && formatPlace(asset.place)}</Fact>
        <Fact name="Size">{asset.bytes !== null && <Bytes value={asset.bytes} />}</Fact>
        <Fact name="Pixels">{asset.width && asset.height && `${asset.width} × ${asset.height}`}</Fact>
        <Fact name="Type">{asset.mediaType}</Fact>
        <Fact name="File">{asset.fileName}</Fact>
        <Fact name="Feed">{asset.feed}</Fact>
        <Fact name="Keywords">{asset.keywords.join(', ')}</Fact>
        <Fact name="Credit">{asset.credit}</Fact>
        <Fact name="Known since">{formatTimestamp(asset.createdAt)}</Fact>
        <Fact name="Source" mono>
          {asset.sourceLink}
        </Fact>
        <Fact name="SHA-256" mono>
          {asset.sha256}
        </Fact>
        <Fact name="Id" mono>
          {asset.id}
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, mono = false, children }: { name: string; mono?: boolean; children: ReactNode }) {
  if (!children) return null;
  return (
    <>
      <dt className="text-ink-faint">{name}</dt>
      <dd className={mono ? 'font-mono text-2xs leading-4 break-all text-ink-soft' : 'break-words text-ink'}>
        {children}
      </dd>
    </>
  );
}
