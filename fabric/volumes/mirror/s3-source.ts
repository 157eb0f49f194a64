/** A volume in an S3 bucket as a mirror's source; lib/s3/layout has how it lies there. Everything goes through the dialer. */
import { FieldlineError } from '@/lib/errors';
import { fileKey, S3Bucket, type S3Settings, VolumeDigests } from '@/lib/s3';
import { SecureDialerAgent } from '../../links/secure-agent';
import type { Dialer } from '../../links/types';
import type { MirrorSource, SourceContent, SourceFile } from './source';

/** Objects of a listing page: about 70 KB of XML, which is never compressed, so that an interrupted listing loses little. */
const PAGE_OBJECTS = 200;
/** Longer than the conditioner's slowest usable link holds bytes back, which looks like silence here. */
const IDLE_TIMEOUT_MS = 120_000;

export type S3Sources = (settings: S3Settings) => MirrorSource;

/** The sources of one mirror, one for each run. What is known of digests is kept from run to run: it need not cross the link again. */
export function s3Sources(volume: string, dialer: Dialer): S3Sources {
  let last: { settings: S3Settings; digests: VolumeDigests } | null = null;
  return (settings) => {
    if (last?.settings !== settings) {
      const agents = { http: dialer.agent, https: new SecureDialerAgent(dialer, { ca: settings.ca }) };
      // The run has retries of its own.
      const options = { idleTimeoutMs: IDLE_TIMEOUT_MS, attemptsMax: 1, pageObjects: PAGE_OBJECTS, agents };
      last = { settings, digests: new VolumeDigests(new S3Bucket(settings, options), volume) };
    }
    return s3Source(last.digests);
  };
}

function s3Source(digests: VolumeDigests): MirrorSource {
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
