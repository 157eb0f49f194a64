/** What a transfer over the link can expect. Pure. */
import type { Link } from '@/lib/api/schemas';
import { formatByteRate } from '@/lib/format';

/** `orMore`: the link was never so busy that it showed what it can carry. */
export interface Rate {
  bytesPerSecond: number;
  orMore: boolean;
}

/**
 * What was measured, else what the link has carried at least, never above what the conditioner lets through; null while not known or not up.
 */
export function expectedRate(link: Link | undefined): Rate | null {
  if (!link || link.state === 'down' || link.state === 'failed') return null;
  const limit = link.conditions?.bytesPerSecond ?? null;
  const known = link.estimatedBytesPerSecond ?? limit;
  const bytesPerSecond = known ?? link.provenBytesPerSecond;
  if (!bytesPerSecond) return null;
  return { bytesPerSecond: Math.min(bytesPerSecond, limit ?? Number.POSITIVE_INFINITY), orMore: known === null };
}

export const formatRate = ({ bytesPerSecond, orMore }: Rate): string =>
  `${formatByteRate(bytesPerSecond)}${orMore ? ' or more' : ''}`;
