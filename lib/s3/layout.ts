/**
 * How volumes lie in a bucket. A bucket holds one or more missions; the volume `outbound-alpha` of mission `missionx` has the name
 * `missionx.outbound-alpha`, as on a fabric, and these keys:
 *
 * | key | holds |
 * |---|---|
 * | `<volume>/volume.json` | that the volume exists, also while it is empty |
 * | `<volume>/files/<path>` | the files, with their SHA-256 in the metadata `sha256`. This is the truth |
 * | `<volume>/digests/<etag>.<bytes>.<sha256>` | nothing: what a listing tells of an object (ETag, size) to its SHA-256. A cache, for listings without a request per file |
 * | `<volume>/incoming/<uuid>` | streamed uploads under way; swept |
 * | `<volume>/mirror/state.json` | of a mirror: its source, whether a run is under way, the last success and error |
 * | `<volume>/mirror/content/<sha256>` | of a mirror: what a run has brought, or (as a multipart upload) begun to bring |
 */
import { FieldlineError } from '@/lib/errors';
import { checkFilePath } from '@/lib/ports/file-path';

/** Of a key, in bytes of UTF-8 (S3 user guide, "Naming Amazon S3 objects"). */
const KEY_BYTES_MAX = 1024;

export const markerKey = (volume: string) => `${volume}/volume.json`;
export const filesPrefix = (volume: string) => `${volume}/files/`;
export const digestsPrefix = (volume: string) => `${volume}/digests/`;
export const incomingPrefix = (volume: string) => `${volume}/incoming/`;

export const mirrorStateKey = (volume: string) => `${volume}/mirror/state.json`;
export const mirrorContentPrefix = (volume: string) => `${volume}/mirror/content/`;

/** Fails with PATH_OUTSIDE_VOLUME on a path that no volume accepts, with REQUEST_INVALID on one that is too long for a key here. */
export function fileKey(volume: string, path: string): string {
  const key = filesPrefix(volume) + checkFilePath(path);
  if (Buffer.byteLength(key) <= KEY_BYTES_MAX) return key;
  throw new FieldlineError('REQUEST_INVALID', `The path "${path.slice(0, 200)}" is too long for an object store`);
}

/** What a listing tells of an object's content. */
export interface ContentTag {
  etag: string;
  bytes: number;
}

export const tagOf = ({ etag, bytes }: ContentTag) => `${encodeURIComponent(etag)}.${bytes}`;
export const digestKey = (volume: string, content: ContentTag, sha256: string) =>
  `${digestsPrefix(volume)}${tagOf(content)}.${sha256}`;

/** Null for a key that is none of ours. */
export function parseDigestKey(volume: string, key: string): { tag: string; sha256: string } | null {
  const match = /^(.+\.\d+)\.([0-9a-f]{64})$/.exec(key.slice(digestsPrefix(volume).length));
  return match ? { tag: match[1]!, sha256: match[2]! } : null;
}
