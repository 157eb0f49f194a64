import type { Link, LinkStateSchema } from '@/lib/api/schemas';
import type { LinkDirection, LinkStatus } from '@/lib/ports';

type LinkWord = (typeof LinkStateSchema)['options'][number];

/** From worst to best: one word for two directions is the worse of them. */
const WORST_FIRST: readonly LinkWord[] = ['failed', 'down', 'connecting', 'paused', 'up'];

const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** The link's figures as the API shows them. */
export function toLink(status: LinkStatus): Link {
  const states = [status.inbound.state, status.outbound.state];
  return {
    state: WORST_FIRST.find((word) => states.includes(word)) ?? 'up',
    inbound: toDirection(status.inbound),
    outbound: toDirection(status.outbound),
    upstream: status.upstream,
    lastSeenAt: time(status.lastSeenAt),
    estimatedBytesPerSecond: status.estimatedBytesPerSecond,
    provenBytesPerSecond: status.provenBytesPerSecond,
    conditions: status.conditions,
    asOf: new Date(status.asOf).toISOString(),
  };
}

function toDirection(direction: LinkDirection): Link['inbound'] {
  return { ...direction, lastErrorAt: time(direction.lastErrorAt) };
}
