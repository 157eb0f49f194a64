export { parseAssetRow, summaryOf, toAssetDetail, toAssetSummary } from './asset';
export { toLink } from './link';
export { assetIdOfPath, toMirror } from './mirror';
export { edgeRequestInfo, hqRequestInfo, toRequestInfo } from './request';
