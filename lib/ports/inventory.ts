/** Things of one kind that a mission made on a fabric. Nothing of anybody else is ever listed or removed. */
export interface Inventory {
  what: 'connectors' | 'links' | 'topics' | 'streams' | 'tables' | 'volumes';
  /** By their names on the fabric. */
  list(): Promise<string[]>;
  /** Idempotent. Fails halfway as the fabric does; done again it goes on. */
  remove(names: readonly string[], tell: (detail: string) => void): Promise<void>;
  close(): Promise<void>;
}
