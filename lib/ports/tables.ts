/**
 * The tables port: JSON documents by `_id`, with OJAI conditions and mutations (lib/ojai), as the Data Access Gateway has them.
 *
 * Not in it: joins, transactions over several tables, secondary-index administration (a driver indexes what the services ask).
 */
import type { Condition, Mutation } from '@/lib/ojai/types';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export interface JsonDocument {
  _id: string;
  [key: string]: JsonValue | undefined;
}

export interface FindOptions {
  condition?: Condition;
  /** Field paths to return; all when absent. `_id` is always there. */
  fields?: readonly string[];
  /** Default: by `_id` ascending. Give `_id` last for a stable order. */
  orderBy?: readonly { field: string; direction: 'asc' | 'desc' }[];
  limit?: number;
  offset?: number;
}

export interface BulkUpdate {
  id: string;
  mutation: Mutation;
  /** The update happens only where this holds. */
  condition?: Condition;
}

/** `updated`; `unmatched`: the document is there but the condition does not hold; `missing`: no such document. */
export type UpdateOutcome = 'updated' | 'unmatched' | 'missing';

export interface Tables {
  /** Idempotent. */
  ensureTable(table: string): Promise<void>;
  get(table: string, id: string): Promise<JsonDocument | null>;
  /** Documents by id; those that are missing are left out. */
  getMany(table: string, ids: readonly string[]): Promise<JsonDocument[]>;
  find(table: string, options?: FindOptions): Promise<JsonDocument[]>;
  count(table: string, condition?: Condition): Promise<number>;
  /** Inserts one document; false (and nothing changed) when the id exists. */
  insert(table: string, document: JsonDocument): Promise<boolean>;
  /** Inserts those whose id is new, leaves the others untouched; returns the ids inserted. */
  insertMany(table: string, documents: readonly JsonDocument[]): Promise<string[]>;
  /** Inserts or replaces. */
  put(table: string, document: JsonDocument): Promise<void>;
  putMany(table: string, documents: readonly JsonDocument[]): Promise<void>;
  /** Atomic read-check-modify-write of one document. Never creates one. */
  update(table: string, id: string, mutation: Mutation, condition?: Condition): Promise<UpdateOutcome>;
  /** Many independent `update`s; each is atomic, the whole is not. Outcomes in the order given. */
  updateMany(table: string, updates: readonly BulkUpdate[]): Promise<UpdateOutcome[]>;
  /** True when a document was removed. */
  delete(table: string, id: string): Promise<boolean>;
  close(): Promise<void>;
}
