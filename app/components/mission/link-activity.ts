import type { Link, Mirror } from '@/lib/api/schemas';
import type { LinkState } from '@/lib/ports';
import type { ThroughputSample } from '@/lib/queries/throughput';

/** Bytes that moved longer ago than this no longer move. */
const MOVING_FOR_MS = 6000;

export interface Lane {
  state: LinkState;
  /** Data moves now. */
  moving: boolean;
  bytesPerSecond: number;
}
export interface LinkActivity {
  inbound: Lane;
  outbound: Lane;
  files: Lane;
}

/** What moves on each lane of a link now, from the last readings. */
export function linkActivity(
  link: Link,
  mirror: Mirror | undefined,
  samples: readonly ThroughputSample[],
  nowMs: number,
): LinkActivity {
  const last = samples.at(-1);
  const isFresh = last !== undefined && nowMs - last.atMs < MOVING_FOR_MS;
  const lane = (state: LinkState, bytesPerSecond: number): Lane => {
    const rate = isFresh && state === 'up' ? bytesPerSecond : 0;
    return { state, moving: rate > 0, bytesPerSecond: rate };
  };
  const fileRate = mirror?.state === 'running' ? mirror.bytesPerSecond : 0;
  return {
    inbound: lane(link.inbound.state, last?.inboundBytesPerSecond ?? 0),
    outbound: lane(link.outbound.state, last?.outboundBytesPerSecond ?? 0),
    files: { state: link.state, moving: fileRate > 0, bytesPerSecond: fileRate },
  };
}
