import type { Figures } from './figures';
import type { Links } from './links';
import type { Streams } from './streams';
import type { Tables } from './tables';
import type { Volumes } from './volumes';

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
  /** Absent where the fabric has its own metrics: a Kafka cluster, HPE Data Fabric. */
  figures?: Figures;
}
