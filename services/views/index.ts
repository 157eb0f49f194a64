export { parseAssetRow, summaryOf, toAssetDetail, toAssetSummary } from './asset';
export { edgeRequestInfo, hqRequestInfo, toRequestInfo } from './request';
