'use client';
import { FileText, FileVideo, Image as ImageIcon, type LucideIcon, Shapes } from 'lucide-react';
import { useState } from 'react';
import type { AssetSummary } from '@/lib/api/schemas';
import { previewUrl } from '@/lib/queries/assets';
import { cx } from '../ui/cx';

const KIND_ICON: Record<AssetSummary['kind'], LucideIcon> = {
  image: ImageIcon,
  video: FileVideo,
  document: FileText,
  other: Shapes,
};

/**
 * The picture of an asset: its preview, with the tiny one that came with the broadcast shown until then, or instead.
 * Decorative: the title always stands beside it.
 */
export function AssetPicture({
  asset,
  tiny = false,
  className,
}: {
  asset: AssetSummary;
  tiny?: boolean;
  className?: string;
}) {
  const [broken, setBroken] = useState<string | null>(null);
  const mayHavePreview = asset.sha256 !== null && (asset.kind === 'image' || asset.tinyPreview !== null);
  const url = tiny && asset.tinyPreview ? asset.tinyPreview : mayHavePreview ? previewUrl(asset) : null;
  const source = url === null || broken === url ? asset.tinyPreview : url;
  const Icon = KIND_ICON[asset.kind];
  return (
    <div
      className={cx('relative overflow-hidden bg-raised bg-cover bg-center', !source && 'graticule', className)}
      style={
        asset.tinyPreview && source !== asset.tinyPreview
          ? { backgroundImage: `url("${asset.tinyPreview}")` }
          : undefined
      }
    >
      {source ? (
        // biome-ignore lint/performance/noImgElement: previews come ready-made and small from this page's own server.
        <img
          src={source}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setBroken(url)}
          className="absolute inset-0 size-full object-cover"
        />
      ) : (
        <Icon aria-hidden className="absolute inset-0 m-auto size-1/4 max-h-8 max-w-8 min-h-3 min-w-3 text-ink-faint" />
      )}
    </div>
  );
}
