import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TABLES } from '@/lib/domain/naming';
import type { FieldlineError } from '@/lib/errors';
import { parseCondition, parseOrderBy } from '@/lib/ojai';
import type { FindOptions, Tables } from '@/lib/ports';
import { startPostgres } from '@/scripts/engines/postgres.mjs';
import { freePorts } from '@/scripts/engines/process.mjs';
import { engine } from '@/scripts/engines/provision.mjs';
import { createPostgresTables, type PostgresTablesOptions } from '.';
import { compileCondition, compileOrder } from './compile';

const T = 'things';

describe.skipIf(!engine('postgres').home)('on a real PostgreSQL', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  const opened: Tables[] = [];
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await Promise.all(opened.map((tables) => tables.close()));
    await server?.stop();
  });
  function open(options: Partial<PostgresTablesOptions> = {}): Tables {
    const tables = createPostgresTables({ ...server, mission: 'm', ...options });
    opened.push(tables);
    return tables;
  }
  const failure = async (work: Promise<unknown>): Promise<FieldlineError> =>
    work.then(
      () => {
        throw new Error('it did not fail');
      },
      (error: FieldlineError) => error,
    );

  describe('a failure says which and why:', () => {
    it('a wrong password', async () => {
      const error = await failure(open({ password: 'wrong' }).ensureTable(T));
      expect(error).toMatchObject({ code: 'AUTH_FAILED', retriable: false });
      expect(error.message).toContain('refused the credentials of the user "fieldline"');
      expect(error.message).not.toContain('wrong');
    });

    it('a database that is not there', async () => {
      const error = await failure(open({ database: 'nowhere' }).ensureTable(T));
      expect(error).toMatchObject({ code: 'UNAVAILABLE', remedy: 'Create that database' });
      expect(error.message).toContain('has no database "nowhere"');
    });

    it('a port where nothing listens', async () => {
      const [port] = await freePorts(1);
      const error = await failure(open({ port }).ensureTable(T));
      expect(error).toMatchObject({ code: 'UNAVAILABLE', retriable: true });
      expect(error.message).toBe(`PostgreSQL at 127.0.0.1:${port} refused the connection: nothing listens there`);
    });

    it('a name that does not resolve', async () => {
      const error = await failure(open({ host: 'no-such-host.invalid' }).ensureTable(T));
      expect(error.code).toBe('UNAVAILABLE');
      expect(error.message).toContain('can not be resolved');
    });

    it('a server without TLS where TLS is asked for', async () => {
      const error = await failure(open({ tls: {} }).ensureTable(T));
      expect(error.code).toBe('UNAVAILABLE');
      expect(error.message).toContain('does not speak TLS');
    });

    it('a user that may not create a schema', async () => {
      await server.query(`CREATE ROLE guest LOGIN PASSWORD 'guest'`);
      const error = await failure(open({ user: 'guest', password: 'guest', mission: 'other' }).ensureTable(T));
      expect(error.code).toBe('AUTH_FAILED');
      expect(error.message).toContain('"guest" is not authorised');
    });
  });

  it('makes tables once, however many start at the same time, and keeps what is in them', async () => {
    const all = Array.from({ length: 5 }, () => open({ mission: 'together' }));
    await Promise.all(all.flatMap((tables) => [tables.ensureTable(T), tables.ensureTable(TABLES.assets)]));
    await all[0]!.put(T, { _id: 'x', n: 1 });
    await all[1]!.ensureTable(T);
    expect(await all[2]!.get(T, 'x')).toEqual({ _id: 'x', n: 1 });
  });

  it('refuses a table that a newer Fieldline made, and leaves it alone', async () => {
    const tables = open({ mission: 'newer' });
    await tables.ensureTable(T);
    await server.query(`INSERT INTO "fieldline_newer"."_migrations" (table_name, version) VALUES ('things', 99)`);
    expect(await failure(tables.ensureTable(T))).toMatchObject({ code: 'CONFLICT' });
  });

  it('answers what the services ask by index', async () => {
    const tables = open({ mission: 'indexed' });
    await tables.ensureTable(TABLES.assets);
    const rows = Array.from({ length: 5_000 }, (_, i) => ({
      _id: `asset-${i}`,
      status: i % 100 === 0 ? 'downloaded' : 'available',
      createdAt: new Date(i * 1000).toISOString(),
    }));
    await tables.putMany(TABLES.assets, rows);
    const plans: [FindOptions, string][] = [
      [{ condition: { $eq: { status: 'downloaded' } } }, 'Index Scan'],
      [{ condition: { $in: { status: ['downloaded', 'failed'] } } }, 'Index Scan'],
      [
        {
          orderBy: [
            { field: 'createdAt', direction: 'desc' },
            { field: '_id', direction: 'desc' },
          ],
          limit: 10,
        },
        'Index Scan Backward',
      ],
    ];
    await server.session(async (client) => {
      await client.query('ANALYZE');
      for (const [{ condition, orderBy = [], limit }, expected] of plans) {
        const compiled = compileCondition(condition && parseCondition(condition));
        const order = compileOrder(parseOrderBy(orderBy.map(({ field, direction }) => ({ [field]: direction }))));
        const sql = `EXPLAIN SELECT id FROM "fieldline_indexed"."assets" WHERE ${compiled.sql} ORDER BY ${order} LIMIT ${limit ?? 100}`;
        const { rows: steps } = await client.query<{ 'QUERY PLAN': string }>(sql, compiled.parameters);
        const plan = steps.map((step) => step['QUERY PLAN']).join('\n');
        expect(plan).toContain(expected);
        expect(plan).not.toContain('Seq Scan');
      }
    });
  });

  it('takes values that no index holds, and finds them', async () => {
    const tables = open({ mission: 'long' });
    await tables.ensureTable(TABLES.assets);
    const status = Array.from({ length: 3_000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
    await tables.putMany(TABLES.assets, [
      { _id: 'long', status },
      { _id: 'short', status: 'new' },
    ]);
    expect((await tables.find(TABLES.assets, { condition: { $eq: { status } } })).map(({ _id }) => _id)).toEqual([
      'long',
    ]);
    await tables.update(TABLES.assets, 'long', { $set: { status: 'new' } });
    expect(await tables.count(TABLES.assets, { $eq: { status: 'new' } })).toBe(2);
  });

  it('loses no update and no insert of many at once that touch the same documents in any order', async () => {
    const tables = open({ mission: 'crossing' });
    await tables.ensureTable(T);
    const ids = Array.from({ length: 20 }, (_, i) => `id-${i}`);
    const rounds = Array.from({ length: 20 }, (_, i) => (i % 2 ? ids : [...ids].reverse()));
    await Promise.all(
      rounds.map((order) =>
        tables.insertMany(
          T,
          order.map((_id) => ({ _id, n: 0 })),
        ),
      ),
    );
    await Promise.all(
      rounds.map((order) =>
        tables.updateMany(
          T,
          order.map((id) => ({ id, mutation: { $increment: { n: 1 } } })),
        ),
      ),
    );
    expect((await tables.find(T)).map((document) => document.n)).toEqual(ids.map(() => rounds.length));
  });

  it('waits for a row that somebody else changes, and sees the change', async () => {
    const tables = open({ mission: 'm' });
    await tables.ensureTable(T);
    await tables.put(T, { _id: 'x', n: 1 });
    await server.session(async (client) => {
      await client.query('BEGIN');
      await client.query(`UPDATE "fieldline_m"."things" SET doc = '{"_id":"x","n":10}' WHERE id = 'x'`);
      const update = tables.update(T, 'x', { $increment: { n: 1 } }, { $eq: { n: 10 } });
      await expect
        .poll(async () => (await client.query(`SELECT 1 FROM pg_locks WHERE NOT granted`)).rowCount)
        .toBeGreaterThan(0);
      await client.query('COMMIT');
      expect(await update).toBe('updated');
    });
    expect(await tables.get(T, 'x')).toEqual({ _id: 'x', n: 11 });
  });

  it('changes nothing where somebody else was faster, and says so', async () => {
    const tables = open({ mission: 'm' });
    await tables.ensureTable(T);
    await tables.put(T, { _id: 'lost', n: 1 });
    await server.session(async (client) => {
      await client.query('BEGIN');
      await client.query(`UPDATE "fieldline_m"."things" SET doc = '{"_id":"lost","n":2}' WHERE id = 'lost'`);
      // Both see n = 1 when they begin, and wait for the row.
      const single = tables.update(T, 'lost', { $set: { n: 10 } }, { $eq: { n: 1 } });
      const bulk = tables.updateMany(T, [{ id: 'lost', mutation: { $set: { n: 20 } }, condition: { $eq: { n: 1 } } }]);
      await expect
        .poll(async () => (await client.query(`SELECT 1 FROM pg_locks WHERE NOT granted`)).rowCount)
        .toBeGreaterThan(1);
      await client.query('COMMIT');
      expect([await single, await bulk]).toEqual(['unmatched', ['unmatched']]);
    });
    expect(await tables.get(T, 'lost')).toEqual({ _id: 'lost', n: 2 });
  });

  it('fails in words while the server is gone, in the middle too, and goes on when it is back', async () => {
    const tables = open({ mission: 'm' });
    await tables.ensureTable(T);
    await tables.put(T, { _id: 'counted', n: 0 });
    let done = 0;
    let failed = 0;
    let going = true;
    const writers = Array.from({ length: 4 }, async () => {
      while (going) {
        await tables.update(T, 'counted', { $increment: { n: 1 } }).then(
          () => done++,
          (error: FieldlineError) => {
            expect(error).toMatchObject({ code: 'UNAVAILABLE', retriable: true });
            failed++;
          },
        );
      }
    });
    await expect.poll(() => done).toBeGreaterThan(10);
    await server.kill();
    await expect.poll(() => failed).toBeGreaterThan(0);
    const before = done;
    await server.start();
    await expect.poll(() => done, { timeout: 30_000 }).toBeGreaterThan(before + 10);
    going = false;
    await Promise.all(writers);
    // What was answered is kept; of those that failed some may have been done.
    const n = Number((await tables.get(T, 'counted'))?.n);
    expect(n).toBeGreaterThanOrEqual(done);
    expect(n).toBeLessThanOrEqual(done + failed);
  });

  it('gives up on a server that accepts and says nothing', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const error = await failure(open({ port }).get(T, 'x'));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retriable: true });
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});
