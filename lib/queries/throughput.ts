import type { Link, Mirror } from '@/lib/api/schemas';

/** One reading of the link. Rates are averages since the reading before. */
export interface ThroughputSample {
  atMs: number;
  inboundTotal: number;
  outboundTotal: number;
  inboundBytesPerSecond: number;
  outboundBytesPerSecond: number;
  mirrorBytesPerSecond: number;
}

/** Five minutes at one reading every two seconds. */
export const THROUGHPUT_SAMPLES_MAX = 150;
/** Two readings nearer than this say nothing about a rate. */
const SAMPLE_INTERVAL_MS_MIN = 900;

/** Appends a reading; a total that fell (the fabric restarted) counts as nothing brought. */
export function withSample(
  samples: readonly ThroughputSample[] | undefined,
  link: Link,
  mirror: Mirror | undefined,
): ThroughputSample[] {
  const before = samples ?? [];
  const atMs = Date.parse(link.asOf);
  const last = before.at(-1);
  const elapsedMs = last ? atMs - last.atMs : 0;
  if (last && elapsedMs < SAMPLE_INTERVAL_MS_MIN) return before as ThroughputSample[];
  const rate = (now: number, then: number) => (last ? (Math.max(0, now - then) * 1000) / elapsedMs : 0);
  const sample: ThroughputSample = {
    atMs,
    inboundTotal: link.inbound.bytesTotal,
    outboundTotal: link.outbound.bytesTotal,
    inboundBytesPerSecond: rate(link.inbound.bytesTotal, last?.inboundTotal ?? 0),
    outboundBytesPerSecond: rate(link.outbound.bytesTotal, last?.outboundTotal ?? 0),
    mirrorBytesPerSecond: mirror?.state === 'running' ? mirror.bytesPerSecond : 0,
  };
  return [...before.slice(1 - THROUGHPUT_SAMPLES_MAX), sample];
}
