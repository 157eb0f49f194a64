import type { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import type { LinkConditions } from '@/lib/ports/links';
import type { UpstreamAccess } from './security';

/** Every connection that leaves this site towards HQ goes through here, so that the link conditioner acts on all of it. */
export interface Dialer {
  /** Fails with UNAVAILABLE (refused, cut, not resolved) or TIMEOUT. */
  dial(host: string, port: number, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<Duplex>;
  /** For HTTP requests to HQ. */
  readonly agent: Agent;
  conditions(): LinkConditions;
  setConditions(conditions: LinkConditions): void;
  /** Bytes brought in and sent out since the start, over everything. */
  traffic(): {
    bytesIn: number;
    bytesOut: number;
    estimatedBytesPerSecond: number | null;
    /** What it can carry at least; null while nothing says so. */
    provenBytesPerSecond: number | null;
  };
}

/** Where HQ's doors are, as reached from here; resolved from the one configured `host:port`. */
export interface UpstreamAddress {
  site: string;
  kafka: { host: string; port: number };
  rest: { host: string; port: number };
  /** Absent: both doors are open, and nothing is encrypted. */
  access?: UpstreamAccess;
}

/** Finds HQ's doors and says whether HQ answers. Shared by replication and mirrors. */
export interface Upstream {
  /** Fails with UNAVAILABLE when HQ does not answer; remembers the last answer. */
  resolve(signal?: AbortSignal): Promise<UpstreamAddress>;
  /** `host:port` as configured; null while no upstream is set. */
  readonly configured: string | null;
  readonly lastSeenAt: number | null;
}
