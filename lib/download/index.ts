export { safeFileName } from './file-name';
export { openAssetDownload } from './open-asset-download';
export type { AssetDownload, AssetKind, DownloadOptions, OpenAssetDownload } from './types';
