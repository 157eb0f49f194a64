export { changeOf, isoTime, TIMELINE_ENTRIES_MAX, toDocument, withEntry } from './common';
export { availableRow, cancelChange, EdgeAssetRow, requestChange } from './edge-asset';
export { announcedRow, HqAssetRow, PREVIEW_FILE_NAME, previewPath } from './hq-asset';
export { HqRequestRow } from './hq-request';
export { searchText } from './search-text';
export { ServiceStateRow } from './service-state';
