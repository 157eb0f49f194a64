import type Database from 'libsql';
import { databaseError } from './database';

/** Statements of one table, prepared once. */
export interface TableStatements {
  /** The document's text; undefined when there is none. */
  read(id: string): string | undefined;
  /** False when the id exists. */
  insert(id: string, special: boolean, text: string): boolean;
  /** Inserts or replaces. */
  put(id: string, special: boolean, text: string): void;
  /** Replaces what exists; false when there is none. */
  update(id: string, special: boolean, text: string): boolean;
  delete(id: string): boolean;
}

export function prepareStatements(db: Database.Database, table: string): TableStatements {
  const run = (sql: string) => {
    const statement = db.prepare(sql);
    return (...parameters: (string | number)[]) => statement.run(parameters).changes > 0;
  };
  const select = db.prepare(`SELECT doc FROM ${table} WHERE id = ?`).raw();
  const insert = run(`INSERT INTO ${table} (id, special, doc) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`);
  const put = run(
    `INSERT INTO ${table} (id, special, doc) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET special = excluded.special, doc = excluded.doc`,
  );
  const update = run(`UPDATE ${table} SET special = ?, doc = ? WHERE id = ?`);
  const remove = run(`DELETE FROM ${table} WHERE id = ?`);
  return {
    read: (id) => (select.get([id]) as [string] | undefined)?.[0],
    insert: (id, special, text) => insert(id, Number(special), text),
    put: (id, special, text) => {
      put(id, Number(special), text);
    },
    update: (id, special, text) => update(Number(special), text, id),
    delete: (id) => remove(id),
  };
}

/** Keeps what is prepared per table; a table that was dropped fails with NOT_FOUND. */
export class StatementCache {
  readonly #db: Database.Database;
  readonly #tables = new Map<string, TableStatements>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  of(table: string): TableStatements {
    let statements = this.#tables.get(table);
    if (!statements) {
      try {
        statements = prepareStatements(this.#db, table);
      } catch (error) {
        throw databaseError(error);
      }
      this.#tables.set(table, statements);
    }
    return statements;
  }

  forget(table: string): void {
    this.#tables.delete(table);
  }
}
