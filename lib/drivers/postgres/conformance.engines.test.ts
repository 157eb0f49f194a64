import { afterAll, beforeAll, describe } from 'vitest';
import { tablesConformance } from '@/lib/ports/conformance/tables';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { createPostgresTables } from '.';

describe.skipIf(!engine('postgres').home)('on a real PostgreSQL', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  let missions = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  tablesConformance('PostgreSQL', async () => ({
    tables: createPostgresTables({ ...server, mission: `m${++missions}` }),
    dispose: async () => undefined,
  }));
});
