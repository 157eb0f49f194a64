import { randomUUID } from 'node:crypto';
import { Database } from '../drivers/postgres/database';
import { schemaOf } from '../drivers/postgres/migrations';
import type { PostgresTablesOptions } from '../drivers/postgres/options';
import { isFieldlineError } from '../errors';
import { addressText } from '../net/address';
import { CheckFailure } from './reasons';
import { firstAnswer, foreignService } from './transport';

/** SSLRequest (PostgreSQL documentation, "Message Formats"); the server answers with one byte, S or N. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * The tables door: that it is PostgreSQL, accepts the credentials, has the database, and would let the mission have its schema. Changes
 * nothing. Fails with a CheckFailure, or as the driver does.
 */
export async function checkPostgres(options: PostgresTablesOptions): Promise<void> {
  const where = addressText(options);
  const answer = await firstAnswer(options, SSL_REQUEST, { service: 'PostgreSQL' });
  const said = answer.toString('latin1', 0, 1);
  if (answer.length !== 1 || !'SN'.includes(said))
    throw new CheckFailure(
      'wrong-service',
      `${where} is ${foreignService(answer) ?? 'another server'}, not PostgreSQL`,
      'Check the port',
    );
  if (options.tls && said === 'N')
    throw new CheckFailure(
      'wrong-service',
      `PostgreSQL at ${where} does not speak TLS`,
      'Switch TLS off, or set up TLS at the server',
    );
  const database = new Database({ ...options, connectionsMax: 1 });
  try {
    await database.transaction('Trying the schema', async (query) => {
      await query(`CREATE SCHEMA IF NOT EXISTS ${schemaOf(options.mission)}`);
      const table = `${schemaOf(options.mission)}."check-${randomUUID()}"`;
      await query(`CREATE TABLE ${table} (id text)`);
      throw new RolledBack();
    });
  } catch (error) {
    if (rolledBack(error)) return;
    if (isFieldlineError(error) && /has no database/.test(error.message))
      throw new CheckFailure('database-missing', error.message, error.remedy ?? null);
    throw error;
  } finally {
    await database.close();
  }
}

/** Ends the transaction after everything in it has been tried. */
class RolledBack extends Error {
  constructor() {
    super('Nothing of a check is kept');
  }
}

const rolledBack = (error: unknown): boolean =>
  error instanceof RolledBack || (error instanceof Error && error.cause instanceof RolledBack);
