import type Database from 'libsql';
import { compareDocuments, compareStrings, matchesCondition, type OjaiMap } from '@/lib/ojai';
import type { FindPortion, FindPosition, PhysicalTable } from '../protocol';
import type { FindParameters } from '../types';
import { type CompiledCondition, compileCondition, compileOrder, fieldSql } from './compile';
import { openForReading } from './database';
import { OrderedBound, Output, PORTION_BYTES } from './output';
import { type ParsedFind, parseFind } from './query';

/** Rows looked at for one portion; a condition that hardly anything meets gives small portions, not a long silence. */
const PORTION_ROWS_MAX = 2000;
/** Rows held for one portion of a scan. */
const SCANNED_CHARACTERS_MAX = 8 * 1024 * 1024;

type SqlValue = string | number;
/** `id, special, doc` */
type Row = [string, number, string];

/** Finds, counts and plans, on its own connection. Every statement is read to its end at once, so that no old snapshot is held. */
export class Reader {
  readonly #file: string;
  #db: Database.Database;

  constructor(file: string) {
    this.#file = file;
    this.#db = openForReading(file);
  }

  close(): void {
    this.#db.close();
  }

  find(table: PhysicalTable, parameters: FindParameters, position: FindPosition | null): FindPortion {
    const find = parseFind(parameters);
    const compiled = compile(find);
    const wishes = position === null ? [...compiled.wishes, ...orderWishes(find)] : [];
    const portion =
      find.orderBy.length > 0 ? this.#ordered(table, find, compiled) : this.#scan(table, find, compiled, position);
    return { ...portion, wishes };
  }

  count(table: PhysicalTable, parameters: FindParameters): { count: number; wishes: string[] } {
    const find = parseFind(parameters);
    const compiled = compile(find);
    const total = this.#snapshot(() => {
      if (compiled.exact && !this.#hasSpecial(table)) {
        const [n] = this.#rows<[number]>(
          `SELECT count(*) FROM ${table} WHERE ${compiled.sql}`,
          compiled.parameters,
        )[0]!;
        return n;
      }
      let matching = 0;
      this.#candidates(table, compiled, '', ([, , doc]) => {
        if (meets(find, JSON.parse(doc) as OjaiMap)) matching++;
      });
      return matching;
    });
    const count = Math.max(0, Math.min(total - find.offset, find.limit ?? Number.POSITIVE_INFINITY));
    return { count, wishes: compiled.wishes };
  }

  /** In the manner of a cluster's plan, with what SQLite says it does. */
  plan(table: PhysicalTable, parameters: FindParameters): unknown {
    const find = parseFind(parameters);
    const compiled = compile(find);
    const order = compileOrder(find.orderBy);
    const sql = `SELECT id FROM ${table} WHERE ${compiled.sql} ORDER BY ${order ?? 'id'}`;
    const steps = explain(this.#file, sql, compiled.parameters);
    return {
      steps,
      conditionInSql: compiled.exact ? 'exact' : 'partly',
      orderInSql: order !== undefined,
      specialDocuments: this.#hasSpecial(table),
    };
  }

  info(table: PhysicalTable): { documents: number; bytes: number } {
    const [documents, bytes] = this.#rows<[number, number]>(
      `SELECT count(*), coalesce(sum(length(doc)), 0) FROM ${table}`,
      [],
    )[0]!;
    return { documents, bytes };
  }

  /** A portion in the order of `_id`. */
  #scan(table: PhysicalTable, find: ParsedFind, compiled: CompiledCondition, position: FindPosition | null) {
    const output = new Output(find);
    let skip = position?.skip ?? find.offset;
    let left = position ? position.left : find.limit;
    if (left === 0) return { chunks: output.chunks(), next: null };
    const { rows, exact, complete } = this.#scanRows(
      table,
      compiled,
      position?.after,
      left === null ? null : left + skip,
    );
    for (const [id, special, doc] of rows) {
      if (!exact && !meets(find, JSON.parse(doc) as OjaiMap)) continue;
      if (skip > 0) {
        skip--;
        continue;
      }
      output.add(doc, special === 1);
      if (left !== null && --left === 0) return { chunks: output.chunks(), next: null };
      if (output.pendingBytes >= PORTION_BYTES) return { chunks: output.chunks(), next: { after: id, skip, left } };
    }
    const last = rows.at(-1)?.[0];
    return { chunks: output.chunks(), next: complete || last === undefined ? null : { after: last, skip, left } };
  }

  /** The next candidates behind an id: as many as a portion looks at, and no more than it can hold. */
  #scanRows(table: PhysicalTable, compiled: CompiledCondition, after: string | undefined, wanted: number | null) {
    return this.#snapshot(() => {
      const exact = compiled.exact && !this.#hasSpecial(table);
      const limit = exact && wanted !== null ? Math.min(wanted, PORTION_ROWS_MAX) : PORTION_ROWS_MAX;
      const rows: Row[] = [];
      let characters = 0;
      let seen = 0;
      // The statement runs to its end even when the portion is full: that is what lets go of its snapshot.
      this.#candidates(
        table,
        behind(compiled, after),
        `ORDER BY id LIMIT ${limit}`,
        (row) => {
          seen++;
          if (characters < SCANNED_CHARACTERS_MAX) rows.push(row);
          characters += row[2].length;
        },
        after,
      );
      return { rows, exact, complete: seen < limit && rows.length === seen };
    });
  }

  #ordered(table: PhysicalTable, find: ParsedFind, compiled: CompiledCondition) {
    const output = new Output(find);
    for (const [, special, doc] of this.#snapshot(() => this.#orderedRows(table, find, compiled)))
      output.add(doc, special === 1);
    return { chunks: output.chunks(), next: null };
  }

  #orderedRows(table: PhysicalTable, find: ParsedFind, compiled: CompiledCondition): Row[] {
    const { orderBy, offset, limit } = find;
    const order = compileOrder(orderBy);
    const bound = new OrderedBound();
    if (compiled.exact && order !== undefined && !this.#hasSpecial(table)) {
      const rows: Row[] = [];
      const sql = `SELECT id, special, doc FROM ${table} WHERE ${compiled.sql} ORDER BY ${order} LIMIT ? OFFSET ?`;
      this.#each(sql, [...compiled.parameters, limit ?? -1, offset], (row) => {
        bound.add(row[2].length);
        rows.push(row);
      });
      return rows;
    }
    const matching: { row: Row; document: OjaiMap }[] = [];
    this.#candidates(table, compiled, '', (row) => {
      const document = JSON.parse(row[2]) as OjaiMap;
      if (!meets(find, document)) return;
      bound.add(row[2].length);
      matching.push({ row, document });
    });
    const compare = compareDocuments(orderBy);
    matching.sort((a, b) => compare(a.document, b.document));
    return matching.slice(offset, limit === null ? undefined : offset + limit).map(({ row }) => row);
  }

  /** Visits every row that may meet the condition: those that SQL names, and the special ones, which SQL does not judge. */
  #candidates(
    table: PhysicalTable,
    compiled: CompiledCondition,
    tail: string,
    visit: (row: Row) => void,
    after?: string,
  ): void {
    const columns = `SELECT id, special, doc FROM ${table} WHERE`;
    if (!this.#hasSpecial(table)) {
      this.#each(`${columns} ${compiled.sql} ${tail}`, compiled.parameters, visit);
      return;
    }
    const special = behind({ sql: 'special = 1', parameters: [] }, after);
    this.#each(
      `${columns} special = 0 AND ${compiled.sql} UNION ALL ${columns} ${special.sql} ${tail}`,
      [...compiled.parameters, ...special.parameters],
      visit,
    );
  }

  #hasSpecial(table: PhysicalTable): boolean {
    return this.#rows(`SELECT 1 FROM ${table} WHERE special = 1 LIMIT 1`, []).length > 0;
  }

  /** Runs several statements on one state of the database. */
  #snapshot<T>(read: () => T): T {
    this.#db.exec('BEGIN');
    try {
      const result = read();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // An abandoned statement would hold its snapshot until the garbage collector finds it: a new connection does not.
      this.#db.close();
      this.#db = openForReading(this.#file);
      throw error;
    }
  }

  #rows<T>(sql: string, parameters: readonly SqlValue[]): T[] {
    return this.#db
      .prepare(sql)
      .raw()
      .all([...parameters]) as T[];
  }

  #each(sql: string, parameters: readonly SqlValue[], visit: (row: Row) => void): void {
    const rows = this.#db
      .prepare(sql)
      .raw()
      .iterate([...parameters]) as IterableIterator<Row>;
    for (const row of rows) visit(row);
  }
}

/**
 * SQLite's plan, asked on a connection of its own: an EXPLAIN counts as running until it is reset, which libsql leaves to the garbage
 * collector, and a running statement holds the connection to the state of the database that it began with.
 */
function explain(file: string, sql: string, parameters: readonly SqlValue[]): string[] {
  const db = openForReading(file);
  try {
    const steps = db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .raw()
      .all([...parameters]) as [number, number, number, string][];
    return steps.map(([, , , detail]) => detail);
  } finally {
    db.close();
  }
}

function behind<T extends { sql: string; parameters: SqlValue[] }>(part: T, after: string | undefined): T {
  return after === undefined
    ? part
    : { ...part, sql: `(${part.sql} AND id > ?)`, parameters: [...part.parameters, after] };
}

function compile(find: ParsedFind): CompiledCondition {
  const condition = find.condition
    ? compileCondition(find.condition)
    : { sql: '1', parameters: [], exact: true, wishes: [] };
  const bounds: string[] = [];
  const parameters: string[] = [];
  if (find.fromId !== undefined) {
    bounds.push('id >= ?');
    parameters.push(find.fromId);
  }
  if (find.toId !== undefined) {
    bounds.push('id < ?');
    parameters.push(find.toId);
  }
  return {
    ...condition,
    sql: `(${[...bounds, condition.sql].join(' AND ')})`,
    parameters: [...parameters, ...condition.parameters],
  };
}

/** Special documents are not bounded by SQL, so the bounds are judged here with the condition. */
function meets(find: ParsedFind, document: OjaiMap): boolean {
  const id = String(document._id);
  if (find.fromId !== undefined && compareStrings(id, find.fromId) < 0) return false;
  if (find.toId !== undefined && compareStrings(id, find.toId) >= 0) return false;
  return find.condition === undefined || matchesCondition(find.condition, document);
}

function orderWishes(find: ParsedFind): string[] {
  const first = find.orderBy[0]?.path;
  return first && fieldSql(first) && fieldSql(first)?.value !== 'id' ? [first.text] : [];
}
