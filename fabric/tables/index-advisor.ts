/** Makes indexes for what is asked again and again; nobody has to administer them. */

/** Finds of one table on one field before an index is made: a single odd question is not worth one. */
const WISHES_BEFORE_INDEX = 3;
/** Fields remembered; beyond, the oldest is forgotten. */
const WISHES_MAX = 1000;

export class IndexAdvisor {
  readonly #counts = new Map<string, number>();
  readonly #create: (table: string, path: string) => void;

  /** `create` is called once for each field of a table that was wished for often enough. */
  constructor(create: (table: string, path: string) => void) {
    this.#create = create;
  }

  wish(table: string, paths: readonly string[]): void {
    for (const path of new Set(paths)) {
      const key = `${table} ${path}`;
      const count = (this.#counts.get(key) ?? 0) + 1;
      if (count === 1 && this.#counts.size >= WISHES_MAX) this.#counts.delete(this.#counts.keys().next().value!);
      this.#counts.set(key, count);
      if (count === WISHES_BEFORE_INDEX) this.#create(table, path);
    }
  }
}
