export { type ListedObject, type ObjectContent, S3Bucket, type StoredObject } from './bucket';
export { VolumeDigests, type VolumeFile } from './digests';
export {
  digestsPrefix,
  fileKey,
  filesPrefix,
  incomingPrefix,
  markerKey,
  mirrorContentPrefix,
  mirrorStateKey,
  parseDigestKey,
  tagOf,
} from './layout';
export { s3Source } from './mirror-source';
export type { S3Credentials, S3Settings } from './settings';
