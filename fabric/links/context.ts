import type { Clock } from '@/lib/clock/clock';
import type { LinkDirectionName } from '@/lib/ports/links';
import type { PartitionLog, TopicStore } from '../log/types';
import type { FabricLog } from '../logger';
import type { DirectionFigures } from './replication/figures';
import type { Dialer } from './types';
import type { UpstreamControl } from './upstream';

/** What a link keeps across restarts. */
export interface LinkRecord {
  /** The local stream, `/missionx/replicated`. */
  path: string;
  /** The cluster at the other end, and the stream's path there. */
  cluster: string;
  replicaPath: string;
  /** Topic patterns of each direction; null: the direction was not set up. */
  inbound: string[] | null;
  outbound: string[] | null;
  paused: Record<LinkDirectionName, boolean>;
  createdAt: number;
  /** This link as a producer at the upstream; null before the first connection. */
  producer: { upstream: string; producerId: number; producerEpoch: number } | null;
  /** Outbound offsets that HQ has acknowledged, by `topic/partition`: to know what waits after a restart without a link. */
  acknowledged: Record<string, number>;
  /**
   * True after this site was restored from a copy, or comes back from another fabric, until the link has seen HQ: HQ may hold more of this site's own records than the copy,
   * and what would be written before they are back would take their offsets.
   */
  restored?: boolean;
}

/** Everything the two directions of one link work with. */
export interface LinkContext {
  readonly siteId: string;
  readonly store: TopicStore;
  readonly dialer: Dialer;
  readonly upstream: UpstreamControl;
  readonly clock: Clock;
  readonly log: FabricLog;
  readonly clientId: string;
  record(): LinkRecord;
  update(change: Partial<LinkRecord>): Promise<void>;
  readonly figures: Record<LinkDirectionName, DirectionFigures>;
}

/** One attempt of a direction, as long as it lasts. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** HQ answers and the logs agree. */
  connected(): void;
}

/** One partition that a direction carries. */
export interface CarriedPartition {
  topic: string;
  partition: number;
  log: PartitionLog;
  /** Node id of the upstream's broker that leads it. */
  leader: number;
  /** The next offset to carry. */
  next: number;
}
