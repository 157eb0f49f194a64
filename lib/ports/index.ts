import type { EdgeAccess } from './edge-access';
import type { Figures } from './figures';
import type { Links } from './links';
import type { Streams } from './streams';
import type { Tables } from './tables';
import type { Volumes } from './volumes';

export type * from './edge-access';
export type * from './figures';
export type * from './links';
export type * from './streams';
export type * from './tables';
export type * from './volumes';

/** All that a service may use of its site's fabric. */
export interface SitePorts {
  streams: Streams;
  tables: Tables;
  volumes: Volumes;
  /** Null at HQ: the edge owns the link. */
  links: Links | null;
  /** HQ: who may come in at its doors. Absent where they are open, or another's to guard. */
  edgeAccess?: EdgeAccess;
  /** Absent where the fabric has its own metrics: a Kafka cluster, HPE Data Fabric. */
  figures?: Figures;
  /** Absent where a fabric can not say. */
  troubles?: FabricTroubles;
}

/** What a fabric that answers says is wrong with itself all the same: a disk without room, records that are damaged. */
export interface FabricTroubles {
  /** A sentence each; empty when all is well. */
  read(): Promise<string[]>;
  close(): Promise<void>;
}
