/** What the tests with PostgreSQL rely on: once work in a session is answered, no session is left that the server could still speak to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from './postgres.mjs';
import { engine } from './provision.mjs';

describe.skipIf(!engine('postgres').home)('a session', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  it('answers when its server has ended it, and not before', async () => {
    const events: string[] = [];
    let backend = 0;
    const session = server
      .session(async (client) => {
        const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
        backend = rows[0].pid;
        // It can not read that the session is to end.
        process.kill(backend, 'SIGSTOP');
      })
      .then(() => events.push('answered'));
    await expect.poll(() => backend).toBeGreaterThan(0);
    await sleep(300);
    events.push('may end');
    process.kill(backend, 'SIGCONT');
    await session;
    expect(events).toEqual(['may end', 'answered']);
  });
});
