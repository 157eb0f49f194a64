/**
 * The tables port on PostgreSQL: a table each, in a schema of the mission, with the documents as JSONB. Conditions and orders are SQL
 * with parameters where that gives the result of lib/ojai exactly, otherwise SQL narrows and lib/ojai decides. Mutations are lib/ojai's,
 * on locked rows: all or nothing, and no update is lost.
 */
import { FieldlineError } from '@/lib/errors';
import {
  applyMutation,
  buildProjection,
  type Condition,
  type ConditionNode,
  type MutationStep,
  matchesCondition,
  type OjaiDocument,
  parseCondition,
  parseCount,
  parseMutation,
  parseOrderBy,
  parsePath,
  project,
} from '@/lib/ojai';
import type { BulkUpdate, FindOptions, JsonDocument, Tables, UpdateOutcome } from '@/lib/ports';
import { type CompiledCondition, compileCondition, compileOrder } from './compile';
import { Database, type Query } from './database';
import { indexPlanOf } from './indexes';
import { migrateTable, qualifiedName } from './migrations';
import type { PostgresTablesOptions } from './options';
import { scanCount, scanSorted } from './scan';
import { checked, decode, type EncodedRow, encode, isPlainText, type StoredRow, shown } from './stored';

/** Documents in one statement: about 6 MB of asset rows. */
const BULK_DOCUMENTS_MAX = 1_000;

/** Nothing is connected yet. */
export function createPostgresTables(options: PostgresTablesOptions): Tables {
  return new PostgresTables(new Database(options), options.mission);
}

class PostgresTables implements Tables {
  readonly #database: Database;
  readonly #mission: string;

  constructor(database: Database, mission: string) {
    this.#database = database;
    this.#mission = mission;
  }

  ensureTable(table: string): Promise<void> {
    return migrateTable(this.#database, this.#mission, table);
  }

  async get(table: string, id: string): Promise<JsonDocument | null> {
    const [document] = await this.getMany(table, [id]);
    return document ?? null;
  }

  async getMany(table: string, ids: readonly string[]): Promise<JsonDocument[]> {
    // Other ids can not be stored, and would fail the statement.
    const unique = [...new Set(ids)].filter(isPlainText);
    const found: JsonDocument[] = [];
    for (const some of ids.length === 0 ? [] : slices(unique)) {
      const sql = `SELECT id, doc, raw FROM ${this.#name(table)} WHERE id = ANY($1::text[])`;
      const rows = await this.#database.query<StoredRow>(`Reading from ${table}`, sql, [some]);
      found.push(...rows.map((row) => shown(decode(row))));
    }
    return found;
  }

  async find(table: string, options: FindOptions = {}): Promise<JsonDocument[]> {
    const documents = await this.#find(table, options);
    const { fields } = options;
    if (!fields) return documents.map(shown);
    const projection = buildProjection(fields.map((field) => parsePath(field)));
    return documents.map((document) => shown(project(document, projection) as OjaiDocument));
  }

  async count(table: string, condition?: Condition): Promise<number> {
    const qualified = this.#name(table);
    const { node, compiled } = parsed(condition);
    if (compiled.exact) {
      const sql = `SELECT count(*)::integer AS n, ${hasSpecial(qualified)} AS special FROM ${qualified} WHERE ${compiled.sql}`;
      const [row] = await this.#database.query<{ n: number; special: boolean }>(
        `Counting in ${table}`,
        sql,
        compiled.parameters,
      );
      if (row && !row.special) return row.n;
    }
    return scanCount(this.#database, { qualified, compiled, node });
  }

  async insert(table: string, document: JsonDocument): Promise<boolean> {
    return (await this.insertMany(table, [document])).length === 1;
  }

  async insertMany(table: string, documents: readonly JsonDocument[]): Promise<string[]> {
    // Of one id twice the first counts.
    const rows = this.#rows(table, [...documents].reverse());
    const inserted: string[] = [];
    for (const some of slices(rows))
      inserted.push(...(await this.#write(table, some, 'DO NOTHING')).map((row) => row.id));
    return inserted;
  }

  async put(table: string, document: JsonDocument): Promise<void> {
    await this.putMany(table, [document]);
  }

  async putMany(table: string, documents: readonly JsonDocument[]): Promise<void> {
    for (const some of slices(this.#rows(table, documents)))
      await this.#write(table, some, '(id) DO UPDATE SET doc = excluded.doc, raw = excluded.raw');
  }

  async update(
    table: string,
    id: string,
    mutation: BulkUpdate['mutation'],
    condition?: Condition,
  ): Promise<UpdateOutcome> {
    const [outcome] = await this.updateMany(table, [{ id, mutation, condition }]);
    return outcome!;
  }

  async updateMany(table: string, updates: readonly BulkUpdate[]): Promise<UpdateOutcome[]> {
    const steps = updates.map(parseUpdate);
    const outcomes: UpdateOutcome[] = [];
    for (const some of slices(steps))
      outcomes.push(
        ...(await this.#database.transaction(`Updating ${table}`, (query) => this.#update(query, table, some))),
      );
    return outcomes;
  }

  async delete(table: string, id: string): Promise<boolean> {
    const sql = `DELETE FROM ${this.#name(table)} WHERE id = ANY($1::text[]) RETURNING id`;
    const ids = isPlainText(id) ? [id] : [];
    return (await this.#database.query(`Deleting from ${table}`, sql, [ids])).length > 0;
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #find(table: string, options: FindOptions): Promise<OjaiDocument[]> {
    const qualified = this.#name(table);
    const { node, compiled } = parsed(options.condition);
    const orderBy = parseOrderBy((options.orderBy ?? []).map(({ field, direction }) => ({ [field]: direction })));
    const offset = options.offset === undefined ? 0 : parseCount(options.offset, 'offset');
    const limit = options.limit === undefined ? undefined : parseCount(options.limit, 'limit');
    const order = compileOrder(orderBy);
    if (compiled.exact && order !== undefined) {
      const sql =
        `SELECT id, doc, ${hasSpecial(qualified)} AS special FROM ${qualified} WHERE ${compiled.sql} ` +
        `ORDER BY ${order} OFFSET ${offset}${limit === undefined ? '' : ` LIMIT ${limit}`}`;
      const rows = await this.#database.query<StoredRow & { special: boolean }>(
        `Searching in ${table}`,
        sql,
        compiled.parameters,
      );
      const special = rows[0]?.special ?? (await this.#hasSpecial(table));
      if (!special) return rows.map((row) => row.doc);
    }
    const wanted = limit === undefined ? undefined : offset + limit;
    const found = await scanSorted(this.#database, { qualified, compiled, node, orderBy, wanted });
    return found.slice(offset);
  }

  async #hasSpecial(table: string): Promise<boolean> {
    const sql = `SELECT ${hasSpecial(this.#name(table))} AS special`;
    const [row] = await this.#database.query<{ special: boolean }>(`Searching in ${table}`, sql);
    return row?.special ?? false;
  }

  /** Checked, one a document's id (the last), in the order of ids: two that write the same ids then wait for each other, not in a ring. */
  #rows(table: string, documents: readonly JsonDocument[]): EncodedRow[] {
    const plan = indexPlanOf(table);
    const byId = new Map(documents.map(checked).map((document) => [document._id, document]));
    return [...byId.values()].map((document) => encode(document, plan)).sort(byIdText);
  }

  #write(table: string, rows: readonly EncodedRow[], onConflict: string): Promise<{ id: string }[]> {
    const sql =
      `INSERT INTO ${this.#name(table)} (id, doc, raw) SELECT * FROM ${ROWS} ` +
      `ON CONFLICT ${onConflict} RETURNING id`;
    return this.#database.query<{ id: string }>(`Writing to ${table}`, sql, columns(rows));
  }

  /** Updates in the order given; of one document each sees those before. */
  async #update(query: Query, table: string, updates: readonly ParsedUpdate[]): Promise<UpdateOutcome[]> {
    const qualified = this.#name(table);
    const ids = [...new Set(updates.map(({ id }) => id))].filter(isPlainText);
    const locked = await query<StoredRow>(
      `SELECT id, doc, raw FROM ${qualified} WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE`,
      [ids],
    );
    const current = new Map(locked.map((row) => [row.id, decode(row)]));
    const changed = new Set<string>();
    const outcomes = updates.map(({ id, steps, condition }): UpdateOutcome => {
      const document = current.get(id);
      if (!document) return 'missing';
      if (condition && !matchesCondition(condition, document)) return 'unmatched';
      current.set(id, applyMutation(document, steps));
      changed.add(id);
      return 'updated';
    });
    if (changed.size > 0) {
      const plan = indexPlanOf(table);
      const rows = [...changed].map((id) => encode(current.get(id)!, plan));
      await query(
        `UPDATE ${qualified} AS t SET doc = u.doc, raw = u.raw FROM (SELECT * FROM ${ROWS}) AS u WHERE t.id = u.id`,
        columns(rows),
      );
    }
    return outcomes;
  }

  #name(table: string): string {
    return qualifiedName(this.#mission, table);
  }
}

interface ParsedUpdate {
  id: string;
  steps: MutationStep[];
  condition: ConditionNode | undefined;
}

function parseUpdate({ id, mutation, condition }: BulkUpdate): ParsedUpdate {
  if (typeof id !== 'string') throw new FieldlineError('REQUEST_INVALID', 'An update needs the id of a document');
  return { id, steps: parseMutation(mutation), condition: condition && parseCondition(condition) };
}

function parsed(condition: Condition | undefined): { node: ConditionNode | undefined; compiled: CompiledCondition } {
  const node = condition && parseCondition(condition);
  return { node, compiled: compileCondition(node) };
}

/** The rows of three parameters, which `columns` makes. */
const ROWS =
  '(SELECT u.id, u.doc::jsonb AS doc, u.raw FROM unnest($1::text[], $2::text[], $3::text[]) AS u(id, doc, raw)) AS r';
const columns = (rows: readonly EncodedRow[]): unknown[] => [
  rows.map((row) => row.id),
  rows.map((row) => row.doc),
  rows.map((row) => row.raw),
];
const hasSpecial = (qualified: string): string => `(SELECT EXISTS (SELECT FROM ${qualified} WHERE raw IS NOT NULL))`;
const byIdText = (a: EncodedRow, b: EncodedRow): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

function* slices<T>(list: readonly T[]): Generator<T[]> {
  for (let at = 0; at < list.length; at += BULK_DOCUMENTS_MAX) yield list.slice(at, at + BULK_DOCUMENTS_MAX);
}
