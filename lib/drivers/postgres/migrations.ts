/** The schema in the database: what each table was made with, and how it is brought to today's. */
import { FieldlineError } from '@/lib/errors';
import type { Database } from './database';
import { literal } from './fields';
import { indexStatements } from './indexes';

/** One step a version, never changed after a release: tables in the field have gone through them. */
const MIGRATIONS: readonly ((table: string, qualified: string) => string[])[] = [
  (_table, qualified) => [
    // Ids sort by their bytes, as lib/ojai has it, whatever the database's collation.
    `CREATE TABLE ${qualified} (id text COLLATE "C" PRIMARY KEY, doc jsonb NOT NULL, raw text)`,
  ],
  indexStatements,
];
const TABLE_NAME = /^[a-z][a-z0-9-]{0,50}$/;

export const schemaOf = (mission: string): string => `"fieldline_${mission}"`;

/** The table as SQL names it. Fails with REQUEST_INVALID on a name that no table of ours has. */
export function qualifiedName(mission: string, table: string): string {
  if (!TABLE_NAME.test(table))
    throw new FieldlineError('REQUEST_INVALID', `${JSON.stringify(table.slice(0, 60))} is no name of a table`);
  return `${schemaOf(mission)}."${table}"`;
}

/** Brings one table to the newest version. Idempotent; several processes may do it at once. Fails with CONFLICT on a newer schema. */
export async function migrateTable(database: Database, mission: string, table: string): Promise<void> {
  const qualified = qualifiedName(mission, table);
  const schema = schemaOf(mission);
  await database.transaction(`Preparing the table ${table}`, async (query) => {
    // "IF NOT EXISTS" alone fails when two do it at the same time.
    await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`fieldline.${mission}`]);
    const [found] = await query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
      `${schema}."_migrations"`,
    ]);
    if (!found?.there) {
      await query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
      await query(
        `CREATE TABLE ${schema}."_migrations" (table_name text NOT NULL, version integer NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (table_name, version))`,
      );
    }
    const [row] = await query<{ version: number }>(
      `SELECT coalesce(max(version), 0) AS version FROM ${schema}."_migrations" WHERE table_name = $1`,
      [table],
    );
    const version = row?.version ?? 0;
    if (version > MIGRATIONS.length)
      throw new FieldlineError(
        'CONFLICT',
        `The table ${table} is of version ${version}; this Fieldline knows versions to ${MIGRATIONS.length}`,
        { remedy: 'Use the newer Fieldline that made it' },
      );
    for (let next = version; next < MIGRATIONS.length; next++) {
      for (const statement of MIGRATIONS[next]!(table, qualified)) await query(statement);
      await query(`INSERT INTO ${schema}."_migrations" (table_name, version) VALUES (${literal(table)}, ${next + 1})`);
    }
  });
}
