import type { Clock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import type { LinkDirection, Links } from '@/lib/ports';

/** The link of an edge that no HQ has let in yet: it says so, and there is nothing to pause or to resume. `remedy`: how it is let in. */
export function createUnenrolledLinks(
  edge: string,
  clock: Clock,
  remedy = "Paste the token that HQ gave for it on the edge's page",
): Links {
  const refuse = () =>
    Promise.reject(
      new FieldlineError('CONFLICT', `${edge} is not enrolled: it knows no HQ yet`, {
        remedy,
      }),
    );
  const direction = (): LinkDirection => ({
    state: 'failed',
    lagRecords: null,
    lagBytes: null,
    lagMs: null,
    recordsTotal: 0,
    bytesTotal: 0,
    lastError: `${edge} is not enrolled: it knows no HQ yet`,
    lastErrorAt: null,
  });
  return {
    madeOf: `begins once ${edge} is enrolled`,
    isDeclared: async () => true,
    ensureLink: async () => undefined,
    prepareLink: async () => undefined,
    status: async () => ({
      inbound: direction(),
      outbound: direction(),
      upstream: null,
      lastSeenAt: null,
      estimatedBytesPerSecond: null,
      provenBytesPerSecond: null,
      conditions: null,
      asOf: clock.now(),
    }),
    pause: refuse,
    resume: refuse,
    bringAnew: refuse,
    setConditions: refuse,
    close: async () => undefined,
  };
}
