export { makePreviews } from './previews';
export type { MakePreviews, MediaSource, Previews } from './types';
