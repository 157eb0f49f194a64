import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type Database from 'libsql';
import { FieldlineError } from '@/lib/errors';
import { buildProjection, checkDocumentId, matchesCondition, type OjaiMap, parseFields } from '@/lib/ojai';
import { databaseError, openForReading } from './engine/database';
import { conditionOf, presentUnknown } from './engine/query';
import { StatementCache } from './engine/statements';
import { EngineThread } from './engine-thread';
import { IndexAdvisor } from './index-advisor';
import { tablePath } from './paths';
import type { FindPortion, FindPosition, PhysicalTable, ReaderOp, WriterOp } from './protocol';
import type { FindParameters, FoundDocuments, TableStore, TablesOptions, UpdateResult, WriteMode } from './types';

const DATABASE_FILE = 'tables.db';
/** Finds under way; each holds a portion. */
const FINDS_MAX = 64;

/**
 * Opens the tables in a directory, and makes it. Single documents are read here and now (a few microseconds from the cache, a page or
 * two from disk); finds and all writes, with their fsyncs, go to threads of their own.
 * Fails with DATA_DIR_UNUSABLE.
 */
export async function openTables(directory: string, options: TablesOptions = {}): Promise<TableStore> {
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, DATABASE_FILE);
  if (options.mustExist && !(await hasContent(file)))
    throw new FieldlineError('DATA_DIR_UNUSABLE', `${file} is missing or empty, yet this fabric has been in use`, {
      remedy: 'Restore it from a backup; or begin with an empty data directory',
    });
  const store = new LibsqlTables(file, options);
  await store.open();
  return store;
}

/** Its content may still be all in the log of the last process, when that was killed. */
async function hasContent(file: string): Promise<boolean> {
  for (const part of [file, `${file}-wal`]) {
    const facts = await stat(part).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (facts && facts.size > 0) return true;
  }
  return false;
}

class LibsqlTables implements TableStore {
  readonly #file: string;
  readonly #log: NonNullable<TablesOptions['log']>;
  readonly #writer: EngineThread;
  readonly #reader: EngineThread;
  readonly #advisor: IndexAdvisor;
  readonly #tables = new Map<string, PhysicalTable>();
  #db: Database.Database | undefined;
  #statements: StatementCache | undefined;
  #finds = 0;

  constructor(file: string, { workerFile = defaultWorkerFile(), bytesMax, log = () => undefined }: TablesOptions) {
    this.#file = file;
    this.#log = log;
    const thread = (role: 'writer' | 'reader') =>
      new EngineThread(workerFile, { role, file, bytesMax: bytesMax ?? null }, (message) => log('warn', message));
    this.#writer = thread('writer');
    this.#reader = thread('reader');
    this.#advisor = new IndexAdvisor((table, field) => this.#makeIndex(table as PhysicalTable, field));
  }

  async open(): Promise<void> {
    for (const [table, physical] of Object.entries(await this.#writer.start())) this.#tables.set(table, physical);
    // Only now: the writer has recovered the log of a process that was killed.
    this.#db = openForReading(this.#file);
    this.#statements = new StatementCache(this.#db);
  }

  list(): string[] {
    return [...this.#tables.keys()].sort();
  }

  exists(table: string): boolean {
    return this.#tables.has(tablePath(table));
  }

  async create(table: string): Promise<boolean> {
    const name = tablePath(table);
    const physical = (await this.#write({ kind: 'create', table: name })) as PhysicalTable | null;
    if (physical === null) return false;
    this.#tables.set(name, physical);
    this.#log('info', `Table ${name} made`);
    return true;
  }

  async drop(table: string): Promise<boolean> {
    const name = tablePath(table);
    const dropped = (await this.#write({ kind: 'drop', table: name })) as boolean;
    this.#tables.delete(name);
    if (dropped) this.#log('info', `Table ${name} dropped`);
    return dropped;
  }

  async info(table: string): Promise<{ documents: number; bytes: number }> {
    return (await this.#read({ kind: 'info', table: this.#physical(table) })) as { documents: number; bytes: number };
  }

  async write(table: string, body: string, options: { mode: WriteMode; fieldAsKey?: string }): Promise<string[]> {
    return (await this.#write({ kind: 'write', table: this.#physical(table), body, ...options })) as string[];
  }

  async writeOne(
    table: string,
    id: string,
    body: string,
    options: { mode: WriteMode; condition?: string },
  ): Promise<UpdateResult> {
    return (await this.#write({
      kind: 'writeOne',
      table: this.#physical(table),
      id,
      body,
      ...options,
    })) as UpdateResult;
  }

  async mutate(
    table: string,
    id: string,
    mutation: string,
    options: { condition?: string; upsert: boolean },
  ): Promise<UpdateResult> {
    return (await this.#write({
      kind: 'mutate',
      table: this.#physical(table),
      id,
      mutation,
      ...options,
    })) as UpdateResult;
  }

  async mutateMany(table: string, body: string): Promise<UpdateResult[]> {
    return (await this.#write({ kind: 'mutateMany', table: this.#physical(table), body })) as UpdateResult[];
  }

  async delete(table: string, id: string, condition?: string): Promise<UpdateResult> {
    return (await this.#write({ kind: 'delete', table: this.#physical(table), id, condition })) as UpdateResult;
  }

  get(table: string, id: string, options: { condition?: string; fields?: string; withTags: boolean }): string | null {
    const { condition, fields, withTags } = options;
    const physical = this.#physical(table);
    checkDocumentId(id);
    let text: string | undefined;
    try {
      if (!this.#statements) throw new FieldlineError('UNAVAILABLE', 'The tables are closed');
      text = this.#statements.of(physical).read(id);
    } catch (error) {
      throw databaseError(error);
    }
    if (text === undefined) return null;
    if (condition !== undefined && !matchesCondition(conditionOf(condition), JSON.parse(text) as OjaiMap)) return null;
    return presentUnknown(text, fields ? buildProjection(parseFields(fields.split(','))) : undefined, withTags);
  }

  async *find(table: string, parameters: FindParameters): AsyncGenerator<FoundDocuments, void, undefined> {
    const physical = this.#physical(table);
    if (this.#finds >= FINDS_MAX) throw new FieldlineError('UNAVAILABLE', 'Too many finds are under way');
    this.#finds++;
    try {
      for (let resume: FindPosition | null = null, first = true; first || resume !== null; first = false) {
        const portion = (await this.#read({ kind: 'find', table: physical, parameters, resume })) as FindPortion;
        this.#advisor.wish(physical, portion.wishes);
        resume = portion.next;
        for (const [index, chunk] of portion.chunks.entries())
          yield { ...chunk, done: resume === null && index === portion.chunks.length - 1 };
      }
    } finally {
      this.#finds--;
    }
  }

  async count(table: string, parameters: FindParameters): Promise<number> {
    const physical = this.#physical(table);
    const { count, wishes } = (await this.#read({ kind: 'count', table: physical, parameters })) as {
      count: number;
      wishes: string[];
    };
    this.#advisor.wish(physical, wishes);
    return count;
  }

  async plan(table: string, parameters: FindParameters): Promise<unknown> {
    return this.#read({ kind: 'plan', table: this.#physical(table), parameters });
  }

  async close(): Promise<void> {
    await this.#reader.close();
    this.#statements = undefined;
    this.#db?.close();
    this.#db = undefined;
    // Last: the last connection to close folds the log into the database.
    await this.#writer.close();
  }

  #physical(table: string): PhysicalTable {
    const name = tablePath(table);
    const physical = this.#tables.get(name);
    if (!physical) throw new FieldlineError('NOT_FOUND', `There is no table ${name}`);
    return physical;
  }

  #write(op: WriterOp): Promise<unknown> {
    return this.#writer.request(op);
  }

  #read(op: ReaderOp): Promise<unknown> {
    return this.#reader.request(op);
  }

  #makeIndex(table: PhysicalTable, field: string): void {
    this.#write({ kind: 'index', table, path: field }).catch((error: Error) =>
      this.#log('warn', `No index on ${field}: ${error.message}`),
    );
  }
}

/** The worker's bundle lies beside the fabric's. */
function defaultWorkerFile(): URL {
  return new URL('./fabric-tables-worker.js', import.meta.url);
}
