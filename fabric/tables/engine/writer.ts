import type Database from 'libsql';
import type { FieldlineError } from '@/lib/errors';
import { parsePath } from '@/lib/ojai';
import type { PhysicalTable, WriterOp } from '../protocol';
import { fieldSql } from './compile';
import { createPhysicalTable, databaseError, endsTransaction, openForWriting, readCatalog } from './database';
import { mutate, mutateMany, remove, write, writeOne } from './operations';
import { StatementCache } from './statements';

/** Every index slows every write down. */
const INDEXES_PER_TABLE_MAX = 10;

export type Outcome = { result: unknown } | { error: FieldlineError };

/** The one writer of the database: whole batches of operations in one transaction, hence one fsync (group commit). */
export class Writer {
  readonly #db: Database.Database;
  readonly #statements: StatementCache;

  constructor(file: string, bytesMax: number | null) {
    this.#db = openForWriting(file, bytesMax);
    this.#statements = new StatementCache(this.#db);
  }

  catalog(): Map<string, PhysicalTable> {
    return readCatalog(this.#db);
  }

  /** Outcomes in the order given, all durable when this returns. Each operation is atomic; one that fails undoes itself only. */
  execute(ops: readonly WriterOp[]): Outcome[] {
    try {
      return this.#transaction(ops);
    } catch (error) {
      if (ops.length === 1) return [{ error: databaseError(error) }];
      // The transaction as a whole failed (no room, say), for which one operation may be to blame: each for itself then.
      return ops.flatMap((op) => this.execute([op]));
    }
  }

  close(): void {
    this.#db.close();
  }

  #transaction(ops: readonly WriterOp[]): Outcome[] {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const outcomes = ops.map((op) => this.#guarded(op));
      this.#db.exec('COMMIT');
      return outcomes;
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #guarded(op: WriterOp): Outcome {
    this.#db.exec('SAVEPOINT op');
    try {
      const result = this.#run(op);
      this.#db.exec('RELEASE op');
      return { result };
    } catch (error) {
      if (endsTransaction(error)) throw error;
      this.#db.exec('ROLLBACK TO op');
      this.#db.exec('RELEASE op');
      return { error: databaseError(error) };
    }
  }

  #run(op: WriterOp): unknown {
    switch (op.kind) {
      case 'create':
        return this.#create(op.table);
      case 'drop':
        return this.#drop(op.table);
      case 'index':
        return this.#index(op.table, op.path);
      case 'write':
        return write(this.#statements.of(op.table), op);
      case 'writeOne':
        return writeOne(this.#statements.of(op.table), op);
      case 'mutate':
        return mutate(this.#statements.of(op.table), op);
      case 'mutateMany':
        return mutateMany(this.#statements.of(op.table), op);
      case 'delete':
        return remove(this.#statements.of(op.table), op);
    }
  }

  /** The new table's physical name; null when the path is taken. */
  #create(path: string): PhysicalTable | null {
    const inserted = this.#db
      .prepare('INSERT INTO catalog (path) VALUES (?) ON CONFLICT (path) DO NOTHING')
      .run([path]);
    if (inserted.changes === 0) return null;
    const table: PhysicalTable = `t${Number(inserted.lastInsertRowid)}`;
    createPhysicalTable(this.#db, table);
    return table;
  }

  #drop(path: string): boolean {
    const table = readCatalog(this.#db).get(path);
    if (table === undefined) return false;
    this.#db.prepare('DELETE FROM catalog WHERE path = ?').run([path]);
    this.#db.exec(`DROP TABLE ${table}`);
    this.#statements.forget(table);
    return true;
  }

  /** False when there is such an index, or as many as a table may have. */
  #index(table: PhysicalTable, pathText: string): boolean {
    const field = fieldSql(parsePath(pathText));
    if (!field) return false;
    const name = `${table}:${pathText}`;
    const names = this.#db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL")
      .raw()
      .all([table]) as unknown as [string][];
    // One of them is the table's own index of special documents.
    if (names.length > INDEXES_PER_TABLE_MAX || names.some(([known]) => known === name)) return false;
    this.#db.exec(`CREATE INDEX "${name.replaceAll('"', '""')}" ON ${table} (${field.rank}, ${field.value}, id)`);
    return true;
  }
}
