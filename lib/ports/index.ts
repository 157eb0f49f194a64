import type { Links } from './links';
import type { Streams } from './streams';
import type { Tables } from './tables';
import type { Volumes } from './volumes';

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
  /** Absent where a fabric can not say. */
  troubles?: FabricTroubles;
}

/** What a fabric that answers says is wrong with itself all the same: a disk without room, records that are damaged. */
export interface FabricTroubles {
  /** A sentence each; empty when all is well. */
  read(): Promise<string[]>;
  close(): Promise<void>;
}
