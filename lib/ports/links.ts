/**
 * The links port: the connection of an edge's fabric with HQ's, seen from the edge (which dials).
 *
 * Not in it: mirrors (the volumes port), the set-up of the fabrics.
 */

/** `inbound` brings HQ's topics to the edge, `outbound` brings the edge's topics to HQ. */
export type LinkDirectionName = 'inbound' | 'outbound';

/** `up`: replicating; `paused`: by an operator; `connecting`: trying; `down`: HQ not reachable; `failed`: needs a person (see lastError). */
export type LinkState = 'up' | 'paused' | 'connecting' | 'down' | 'failed';

export interface LinkDirection {
  state: LinkState;
  /** Records and bytes known to be waiting; as of `asOf`. Null while unknown. */
  lagRecords: number | null;
  lagBytes: number | null;
  /** Age in ms of the oldest record that waits; 0 when none; null while unknown. */
  lagMs: number | null;
  /** Since the fabric started. */
  recordsTotal: number;
  bytesTotal: number;
  lastError: string | null;
  lastErrorAt: number | null;
}

/** What the demonstration's link conditioner does to the link; null fields: no limit. */
export interface LinkConditions {
  cut: boolean;
  bytesPerSecond: number | null;
  latencyMs: number;
}

export interface LinkStatus {
  inbound: LinkDirection;
  outbound: LinkDirection;
  /** HQ as the edge reaches it, `host:port`; null: no HQ has let it in yet. */
  upstream: string | null;
  /** When HQ last answered, ms since the epoch; null: never. */
  lastSeenAt: number | null;
  /** Estimated capacity in bytes a second, from what went over it; null while unknown. */
  estimatedBytesPerSecond: number | null;
  /** It can carry this much or more, from what it carried at once; null while nothing says so. */
  provenBytesPerSecond: number | null;
  /** Null where this fabric has no conditioner. */
  conditions: LinkConditions | null;
  /** When these figures were read at the fabric, ms since the epoch. */
  asOf: number;
}

export interface Links {
  /** What such a link is on this fabric, for a person: "gateway and replicas". */
  readonly madeOf: string;
  /** Whether this fabric knows of the link, whatever its state. HQ is not asked. */
  isDeclared(): Promise<boolean>;
  /** Idempotent: declares that the `replicated` stream is carried to and from HQ, and resumes nothing that an operator paused. */
  ensureLink(): Promise<void>;
  /**
   * As `ensureLink`, for a site that is to come here from another fabric: both directions are paused until they are resumed. What HQ has by
   * then of the topics that this site writes comes back here first, where HQ's offsets and this site's are the same.
   */
  prepareLink(): Promise<void>;
  status(): Promise<LinkStatus>;
  /** Idempotent; survives restarts of the fabric. */
  pause(direction: LinkDirectionName): Promise<void>;
  resume(direction: LinkDirectionName): Promise<void>;
  /**
   * Forgets what was brought of HQ's topics and brings them anew, for an HQ that is no longer what it was. Who reads these topics here has to be stopped
   * meanwhile. Fails with CONFLICT unless `inbound` has failed; with UNSUPPORTED where the fabric can not.
   */
  bringAnew(): Promise<void>;
  /** Fails with UNSUPPORTED where this fabric has no conditioner. */
  setConditions(conditions: LinkConditions): Promise<void>;
  close(): Promise<void>;
}
