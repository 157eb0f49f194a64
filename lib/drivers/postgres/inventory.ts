import { isFieldlineError } from '@/lib/errors';
import type { Inventory } from '@/lib/ports/inventory';
import { Database } from './database';
import { qualifiedName, schemaOf } from './migrations';
import type { PostgresTablesOptions } from './options';

/** Tables of the mission: those that its migrations made, in a schema of its own. A table that somebody else put there stays, and so does the schema then. */
export function createPostgresInventory(options: PostgresTablesOptions): Inventory {
  const { mission } = options;
  const schema = schemaOf(mission);
  const migrations = `${schema}."_migrations"`;
  const database = new Database({ ...options, connectionsMax: 1 });
  const list = async (): Promise<string[]> => {
    try {
      const sql = `SELECT DISTINCT table_name AS name FROM ${migrations} ORDER BY 1`;
      return (await database.query<{ name: string }>('Listing tables', sql)).map(({ name }) => name);
    } catch (error) {
      if (isFieldlineError(error, 'NOT_FOUND')) return [];
      throw error;
    }
  };
  return {
    what: 'tables',
    list,
    async remove(names) {
      await database.transaction('Removing the tables', async (query) => {
        for (const name of names) {
          await query(`DROP TABLE IF EXISTS ${qualifiedName(mission, name)}`);
          await query(`DELETE FROM ${migrations} WHERE table_name = $1`, [name]);
        }
        const [left] = await query<{ count: string }>(`SELECT count(*) AS count FROM ${migrations}`);
        if (Number(left?.count) > 0) return;
        await query(`DROP TABLE ${migrations}`);
        const [others] = await query<{ count: string }>(
          `SELECT count(*) AS count FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1`,
          [schema.slice(1, -1)],
        );
        if (Number(others?.count) === 0) await query(`DROP SCHEMA ${schema}`);
      });
    },
    close: () => database.close(),
  };
}
