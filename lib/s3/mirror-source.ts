import { FieldlineError } from '@/lib/errors';
import type { MirrorSource, SourceContent, SourceFile } from '@/lib/mirror/source';
import type { VolumeDigests } from './digests';
import { fileKey } from './layout';

/** A volume in a bucket as a mirror's source, for one run. What `digests` knows may be kept from run to run. */
export function s3Source(digests: VolumeDigests): MirrorSource {
  const { bucket, volume } = digests;
  /** The version of each file that was listed: a read is of that or of none. */
  const etags = new Map<string, string>();

  /** What is there now instead of what was listed. An object without a digest is no file of the volume. */
  const look = async (file: SourceFile, signal: AbortSignal): Promise<SourceContent> => {
    const now = await bucket.head(fileKey(volume, file.path), signal);
    if (!now || now.sha256 === null) return { kind: 'gone' };
    etags.set(file.path, now.etag);
    return { kind: 'changed', sha256: now.sha256, bytes: now.bytes };
  };

  return {
    async *list(after, signal) {
      for await (const page of digests.list('', after, signal)) {
        const files: SourceFile[] = [];
        for (const { path, bytes, sha256, modifiedAt, etag } of page) {
          if (sha256 === null) continue;
          etags.set(path, etag);
          files.push({ path, bytes, sha256, modifiedAt });
        }
        yield files;
      }
    },

    async read(file, from, signal) {
      const key = fileKey(volume, file.path);
      const found = await bucket.get(key, { start: from, ifMatch: etags.get(file.path), signal });
      if (found.kind === 'missing') return { kind: 'gone' };
      if (found.kind !== 'content') return look(file, signal);
      const { object, range, stream } = found;
      if (object.sha256 !== null && object.sha256 !== file.sha256) {
        stream.destroy();
        etags.set(file.path, object.etag);
        return { kind: 'changed', sha256: object.sha256, bytes: object.bytes };
      }
      if (range.start !== from) {
        stream.destroy();
        throw new FieldlineError(
          'PROTOCOL',
          `The source sent "${file.path}" from byte ${range.start}, asked was ${from}`,
        );
      }
      return { kind: 'content', stream };
    },
  };
}
