/** Things of one kind on a fabric whose names begin as a mission's do. Nothing of another name is ever listed or removed. */
export interface Inventory {
  what: 'connectors' | 'links' | 'topics' | 'consumer groups' | 'streams' | 'tables' | 'volumes';
  /** By their names on the fabric. */
  list(): Promise<string[]>;
  /** Idempotent. Fails halfway as the fabric does; done again it goes on. */
  remove(names: readonly string[], tell: (detail: string) => void): Promise<void>;
  close(): Promise<void>;
}
