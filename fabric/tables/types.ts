/**
 * JSON tables of one fabric, as the DAG door and the admin door use them. Documents, conditions and mutations are JSON text as they came:
 * they are parsed in the engine's threads, so that a large body never holds up the other doors.
 */

/** How existing documents are treated. `insertNew` is ours: inserts those whose id is new and leaves the others untouched. */
export type WriteMode = 'insertOrReplace' | 'insert' | 'replace' | 'insertNew';
export const WRITE_MODES: readonly WriteMode[] = ['insertOrReplace', 'insert', 'replace', 'insertNew'];

/** The parameters of a find, each as the text of the request; undefined: not given. */
export interface FindParameters {
  /** A condition as JSON. */
  condition?: string;
  /** Field paths separated by commas. */
  fields?: string;
  /** First `_id`, inclusive. */
  fromId?: string;
  /** End `_id`, exclusive. */
  toId?: string;
  limit?: string;
  offset?: string;
  /** `field[:asc|desc],...`; by `_id` when absent. */
  orderBy?: string;
  /** A whole query as JSON; the other parameters narrow it further. */
  query?: string;
  /** False: plain JSON without type tags. */
  withTags: boolean;
}

export interface FoundDocuments {
  /** Documents as JSON, separated by commas; UTF-8. */
  bytes: Uint8Array;
  count: number;
  /** True when there are no more. */
  done: boolean;
}

export type UpdateResult = 'updated' | 'unmatched' | 'missing';

export interface TableStore {
  /** Table paths, sorted. */
  list(): string[];
  exists(table: string): boolean;
  /** False when it exists. Resolves when durable. Fails with REQUEST_INVALID on a bad path. */
  create(table: string): Promise<boolean>;
  /** False when there was none. */
  drop(table: string): Promise<boolean>;
  /** Documents and bytes of a table. Fails with NOT_FOUND. */
  info(table: string): Promise<{ documents: number; bytes: number }>;

  /**
   * Writes one document or an array of them, all or none; resolves with the ids written, when durable.
   * `fieldAsKey` names the field that holds the ids. Fails with NOT_FOUND, CONFLICT (`insert` of an id that exists),
   * REQUEST_INVALID, DISK_FULL.
   */
  write(table: string, body: string, options: { mode: WriteMode; fieldAsKey?: string }): Promise<string[]>;
  /** Replaces one document, by `mode` and where the condition holds. */
  writeOne(
    table: string,
    id: string,
    body: string,
    options: { mode: WriteMode; condition?: string },
  ): Promise<UpdateResult>;
  /** Mutates one document; where there is none and no condition is given, `upsert` makes one. */
  mutate(
    table: string,
    id: string,
    mutation: string,
    options: { condition?: string; upsert: boolean },
  ): Promise<UpdateResult>;
  /** A JSON array of `{_id, mutation, condition?}`; each is atomic, none makes a document. A malformed or ill-fitting one fails the whole call, with nothing applied. */
  mutateMany(table: string, body: string): Promise<UpdateResult[]>;
  delete(table: string, id: string, condition?: string): Promise<UpdateResult>;

  /** One document as JSON text; null when there is none or the condition does not hold. */
  get(table: string, id: string, options: { condition?: string; fields?: string; withTags: boolean }): string | null;
  /** Documents in portions of about a MiB. In the order of `_id`, portions are separate snapshots, as in a cluster's scan. */
  find(table: string, parameters: FindParameters): AsyncGenerator<FoundDocuments, void, undefined>;
  count(table: string, parameters: FindParameters): Promise<number>;
  /** How a find would be carried out. */
  plan(table: string, parameters: FindParameters): Promise<unknown>;

  /** Finishes what was accepted, then closes. */
  close(): Promise<void>;
}

export interface TablesOptions {
  /** The worker's script; beside the running module when absent (see worker.ts). */
  workerFile?: string | URL;
  /** Upper bound of the database file; writes beyond fail with DISK_FULL. No bound when absent. */
  bytesMax?: number;
  /** A database that is not there, or empty, was lost and is not made anew. */
  mustExist?: boolean;
  /** Told of every table made or dropped, and of an engine thread that had to be restarted. */
  log?: (level: 'warn' | 'info', message: string) => void;
}
