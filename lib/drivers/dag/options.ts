import type { Agent } from 'node:http';

/** What the embedded fabric's door has beyond a cluster's; see TABLE_EXTENSIONS in fabric/tables/door.ts. */
export type DagExtension =
  | 'tables.bulkUpdate'
  | 'tables.bulkInsertNew'
  | 'tables.postFind'
  | 'tables.count'
  | 'tables.exactStatus';

export interface DagTablesOptions {
  /** `https://node:8243` of a Data Access Gateway, or the REST address of an embedded fabric. */
  baseUrl: string;
  /** Table `assets` is `/<mission>/assets`. */
  mission: string;
  /** Basic once, then a token that is renewed when it expires. */
  auth?: { username: string; password: string };
  /**
   * Which extensions the door has. `detect` (the default) asks `GET /rest/dashboard/info` on the same address at the first call;
   * a server that does not answer that in the embedded fabric's form has none.
   */
  extensions?: readonly DagExtension[] | 'detect';
  /** PEM of the cluster's authority. */
  ca?: string | Buffer;
  /** The name in its certificate, where that is not the host of `baseUrl`. */
  serverName?: string;
  agent?: Agent;
}
