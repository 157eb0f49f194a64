/** What the handlers of the Kafka door share. */
import type { LogStore } from '../log';
import type { FabricLog } from '../logger';
import type { Session } from './access/session';
import type { GroupCoordinator } from './groups/coordinator';
import type { OffsetStore } from './groups/offset-store';
import type { ProducerIds } from './producer-ids';
import type { ConnectionContext } from './server/connection';

export interface Door {
  readonly store: LogStore;
  readonly groups: GroupCoordinator;
  readonly offsets: OffsetStore;
  readonly producerIds: ProducerIds;
  readonly clusterId: string;
  readonly nodeId: number;
  /** Where clients are told to connect. */
  readonly advertisedHost: string;
  advertisedPort: number;
  /** `host:port` of the REST door of this fabric; null when there is none. */
  readonly restAddress: string | null;
  /** Whether a topic must not be written for now, though it is this site's own. */
  readonly isHeld: (topic: string) => boolean;
  readonly log: FabricLog;
}

export interface RequestContext {
  readonly apiVersion: number;
  readonly clientId: string;
  readonly clientHost: string;
  /** Aborts when the connection is gone. */
  readonly signal: AbortSignal;
  /** Reads from a partition for the answer. Taken back when that has been sent: keep no view of it. */
  readonly read: ConnectionContext['read'];
  readonly session: Session;
}
