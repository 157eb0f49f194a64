import { type AssetFile, assetPath } from '@/lib/domain/asset';
import { VOLUMES } from '@/lib/domain/naming';
import type { MakePreviews } from '@/lib/media/types';
import type { ServiceContext } from '../contract';
import { previewPath } from '../rows';

export interface PreviewTools {
  makePreviews: MakePreviews;
}

interface StoredPreviews {
  /** True when the preview image is in the volume. */
  stored: boolean;
  facts: Pick<AssetFile, 'width' | 'height' | 'tinyPreview'>;
}

const NONE: StoredPreviews = { stored: false, facts: {} };

/** Makes the previews of a file that is in the volume. An asset without one (a video, a broken picture) is still an asset. */
export async function makeAndStorePreviews(
  { ports, signal, log }: ServiceContext,
  tools: PreviewTools,
  assetId: string,
  file: AssetFile,
): Promise<StoredPreviews> {
  if (!file.mediaType.startsWith('image/')) return NONE;
  const content = await ports.volumes.get(VOLUMES.assets, assetPath(assetId, file.fileName), { signal });
  if (!content) return NONE;
  const previews = await tools.makePreviews(content.stream, file.mediaType).finally(() => content.stream.destroy());
  if (!previews) {
    log.debug('No preview can be made', { asset: assetId, mediaType: file.mediaType });
    return NONE;
  }
  await ports.volumes.put(VOLUMES.assets, previewPath(assetId), previews.preview, { signal });
  return { stored: true, facts: { width: previews.width, height: previews.height, tinyPreview: previews.tiny } };
}
