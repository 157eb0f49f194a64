import type { AssetDescription } from '@/lib/domain/asset';

/** What a search looks through: title, keywords and id, in lower case. */
export function searchText(asset: Pick<AssetDescription, 'id' | 'title' | 'keywords'>): string {
  return [asset.title, ...asset.keywords, asset.id].join(' ').toLowerCase();
}
