import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { FieldlineError } from '@/lib/errors';
import { isTransient, postgresFailure } from './errors';
import type { PostgresConnection, PostgresTablesOptions } from './options';

/** Enough to keep a site's services busy; a server allows 100 by default, for all its clients. */
const CONNECTIONS_MAX = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;
/** No statement of ours takes long; one that does waits for a lock or reads a table without an index. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** Ours, for a server that went silent: behind the server's own, which says more. */
const QUERY_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;
const TRANSACTION_TRIES_MAX = 5;
const TRANSACTION_RETRY_MS = 20;

export type Query = <Row extends QueryResultRow>(sql: string, parameters?: unknown[]) => Promise<Row[]>;

/** How any connection of ours is made. */
export const connectionOf = (options: PostgresConnection) => ({
  host: options.host,
  port: options.port,
  database: options.database,
  user: options.user,
  // Never taken from the environment (PGPASSWORD) or ~/.pgpass.
  password: options.password ?? '',
  ssl: options.tls ? { ...options.tls, rejectUnauthorized: true } : false,
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  statement_timeout: STATEMENT_TIMEOUT_MS,
  query_timeout: QUERY_TIMEOUT_MS,
  idle_in_transaction_session_timeout: QUERY_TIMEOUT_MS,
  keepAlive: true,
  application_name: 'fieldline',
});

/** A bounded pool of connections to one database; every failure is one of the family. Connects when first used, and again when lost. */
export class Database {
  readonly #pool: Pool;
  readonly #at: PostgresTablesOptions;
  #closed: Promise<void> | null = null;

  constructor(options: PostgresTablesOptions) {
    this.#at = options;
    this.#pool = new Pool({
      ...connectionOf(options),
      max: options.connectionsMax ?? CONNECTIONS_MAX,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
    });
    this.#pool.on('error', () => {
      // An idle connection was lost; the pool has dropped it, and whoever needs one next connects anew and hears why it fails.
    });
  }

  /** One statement by itself. `doing` begins the sentence of a failure. */
  async query<Row extends QueryResultRow>(doing: string, sql: string, parameters: unknown[] = []): Promise<Row[]> {
    this.#assertOpen();
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.#pool.query<Row>(sql, parameters)).rows;
      } catch (error) {
        if (!isTransient(error) || attempt === TRANSACTION_TRIES_MAX) throw postgresFailure(error, this.#at, doing);
        await sleep(TRANSACTION_RETRY_MS * attempt);
      }
    }
  }

  /** All of `work` or nothing of it; done again when another transaction stood in its way, so it must have no other effects. */
  async transaction<T>(doing: string, work: (query: Query) => Promise<T>, begin = 'BEGIN'): Promise<T> {
    this.#assertOpen();
    for (let attempt = 1; ; attempt++) {
      let client: PoolClient | null = null;
      try {
        client = await this.#pool.connect();
        const result = await inTransaction(client, work, begin);
        client.release();
        return result;
      } catch (error) {
        // Rolled back, or in an unknown state: a connection that an error came over is not used again unless the error is a refusal.
        client?.release(!(error instanceof FieldlineError) && !isTransient(error));
        if (!isTransient(error) || attempt === TRANSACTION_TRIES_MAX) throw postgresFailure(error, this.#at, doing);
        await sleep(TRANSACTION_RETRY_MS * attempt);
      }
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#pool.end();
    return this.#closed;
  }

  #assertOpen(): void {
    if (this.#closed) throw new FieldlineError('ABORTED', 'The tables were closed');
  }
}

async function inTransaction<T>(client: PoolClient, work: (query: Query) => Promise<T>, begin: string): Promise<T> {
  // Between its uses the pool listens; while in use a lost connection would otherwise be an unhandled event. The statement fails too.
  const lost = () => undefined;
  client.on('error', lost);
  try {
    await client.query(begin);
    const result = await work(async (sql, parameters = []) => (await client.query(sql, parameters)).rows);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // The first error is the one to tell; a connection on which this fails too is dropped.
    await client.query('ROLLBACK').catch(lost);
    throw error;
  } finally {
    client.off('error', lost);
  }
}
