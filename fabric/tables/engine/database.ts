import Database from 'libsql';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import type { PhysicalTable } from '../protocol';

/** Raised by one with every change that an older build can not read. */
const FORMAT_VERSION = 1;
/** Asset rows with a tiny preview are about 6 KB: one page each, not three. */
const PAGE_BYTES = 8192;
/** Readers and the writer do not block each other in WAL mode; this is for a checkpoint that just ends. */
const BUSY_TIMEOUT_MS = 5000;

/** Opens the database to write, makes it when it is new. Fails with DATA_DIR_UNUSABLE on a file that is none, damaged, or of a newer build. */
export function openForWriting(file: string, bytesMax: number | null): Database.Database {
  try {
    const db = new Database(file);
    db.exec(`PRAGMA page_size=${PAGE_BYTES}`);
    db.exec(`PRAGMA busy_timeout=${BUSY_TIMEOUT_MS}`);
    db.prepare('PRAGMA journal_mode=WAL').all();
    // FULL fsyncs the log at every commit: what is acknowledged survives a power cut.
    db.exec('PRAGMA synchronous=FULL');
    if (bytesMax !== null) db.prepare(`PRAGMA max_page_count=${Math.ceil(bytesMax / PAGE_BYTES)}`).all();
    const [version] = db.prepare('PRAGMA user_version').raw().get([]) as [number];
    if (version > FORMAT_VERSION)
      throw new FieldlineError(
        'DATA_DIR_UNUSABLE',
        `The tables in ${file} have format ${version}; this build knows ${FORMAT_VERSION}`,
        { remedy: 'Start the newer build that wrote it' },
      );
    // AUTOINCREMENT never gives a number twice, so that a table made anew is not taken for its predecessor.
    db.exec('CREATE TABLE IF NOT EXISTS catalog (number INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE)');
    db.exec(`PRAGMA user_version=${FORMAT_VERSION}`);
    // What it holds is read here for the first time: a damaged file shows now, and not in the middle of the work.
    readCatalog(db);
    return db;
  } catch (error) {
    const known = databaseError(error);
    if (isFieldlineError(error) || known.code === 'DISK_FULL') throw known;
    throw new FieldlineError(
      'DATA_DIR_UNUSABLE',
      `The tables in ${file} can not be opened: ${(error as Error).message}`,
      { cause: error, remedy: 'Restore that file from a backup' },
    );
  }
}

/** Opens an existing database for reads only. */
export function openForReading(file: string): Database.Database {
  const db = new Database(file);
  db.exec(`PRAGMA busy_timeout=${BUSY_TIMEOUT_MS}`);
  db.exec('PRAGMA query_only=1');
  return db;
}

export function readCatalog(db: Database.Database): Map<string, PhysicalTable> {
  const rows = db.prepare('SELECT path, number FROM catalog').raw().all([]) as unknown as [string, number][];
  return new Map(rows.map(([path, number]) => [path, `t${number}`]));
}

/**
 * A table: `special` marks documents that SQL would not judge as lib/ojai does (see special.ts); the partial index makes it cheap to
 * know that there are none. `doc` comes last, since long values spill to other pages.
 */
export function createPhysicalTable(db: Database.Database, table: PhysicalTable): void {
  db.exec(`CREATE TABLE ${table} (id TEXT NOT NULL PRIMARY KEY, special INTEGER NOT NULL, doc TEXT NOT NULL)`);
  db.exec(`CREATE INDEX ${table}_special ON ${table} (special) WHERE special = 1`);
}

/** An error of SQLite as one of the family. */
export function databaseError(error: unknown): FieldlineError {
  if (isFieldlineError(error)) return error;
  const { code = '', message } = error as Error & { code?: string };
  if (code.startsWith('SQLITE_FULL'))
    return new FieldlineError('DISK_FULL', 'There is no room left for the tables', {
      cause: error,
      remedy: 'Free disk space; reads go on meanwhile',
    });
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_BUSY'))
    return new FieldlineError('UNAVAILABLE', `The tables can not be used now: ${message}`, { cause: error });
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code))
    return new FieldlineError('DATA_DIR_UNUSABLE', `The tables are damaged: ${message}`, {
      cause: error,
      remedy: 'Stop this fabric and restore its tables from a backup',
    });
  if (/no such table/.test(message ?? ''))
    return new FieldlineError('NOT_FOUND', 'The table was dropped meanwhile', { cause: error });
  return new FieldlineError('INTERNAL', `The tables' engine failed: ${message ?? error}`, { cause: error });
}

/** True after an error that may have undone the whole transaction (SQLite documentation "BEGIN TRANSACTION", section 1.2). */
export function endsTransaction(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|NOMEM|CORRUPT|NOTADB|READONLY|PROTOCOL)/.test((error as { code?: string }).code ?? '');
}
