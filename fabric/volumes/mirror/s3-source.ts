/** A volume in an S3 bucket as a mirror's source, through the dialer. */
import type { MirrorSource } from '@/lib/mirror/source';
import { S3Bucket, type S3Settings, s3Source, VolumeDigests } from '@/lib/s3';
import { SecureDialerAgent } from '../../links/tls/secure-agent';
import type { Dialer } from '../../links/types';

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
