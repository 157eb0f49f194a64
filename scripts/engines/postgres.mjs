/** A PostgreSQL server on loopback, for tests and benchmarks. */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { accepts, EngineProcess, engineDirectory, freePorts } from './process.mjs';
import { engine } from './provision.mjs';

/** Small, since several engines share a machine. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  shared_buffers: '32MB',
  max_connections: '60',
  max_wal_size: '128MB',
  password_encryption: 'scram-sha-256',
};
const USER = 'fieldline';
const PASSWORD = 'fieldline-tests';

/** The server refuses to run as root. */
function unprivilegedUser() {
  if (process.getuid?.() !== 0) return null;
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/**
 * Starts a fresh server with one superuser and an empty database. `durable: false` (the default) skips fsync: what the tests kill is the
 * process, not the machine.
 * @param {{ durable?: boolean }} [options]
 * @returns {Promise<{ host: string, port: number, user: string, password: string, database: string, url: string,
 *   session<T>(work: (client: import('pg').Client) => Promise<T>, database?: string): Promise<T>,
 *   query(sql: string, database?: string): Promise<any[]>,
 *   start(): Promise<unknown>, kill(signal?: NodeJS.Signals): Promise<void>, stop(): Promise<void> }>}
 */
export async function startPostgres({ durable = false } = {}) {
  const { home, why } = engine('postgres');
  if (!home) throw new Error(`PostgreSQL can not be had: ${why}`);
  const owner = unprivilegedUser();
  const directory = engineDirectory('postgres', owner);
  const data = path.join(directory, 'data');
  const passwordFile = path.join(directory, 'password');
  writeFileSync(passwordFile, PASSWORD, { mode: 0o644 });
  const args = ['-D', data, '-U', USER, '-E', 'UTF8', '--no-sync', '-A', 'scram-sha-256', '--pwfile', passwordFile];
  // An order of strings that is not that of their bytes, as most installations have it, shows who relies on it.
  const locale = ['--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US'];
  execFileSync(path.join(home, 'initdb'), [...args, ...locale], {
    ...(owner ?? {}),
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  rmSync(passwordFile);
  const [port] = await freePorts(1);
  const settings = { ...SETTINGS, port, unix_socket_directories: directory, fsync: durable ? 'on' : 'off' };
  const server = new EngineProcess({
    name: 'PostgreSQL',
    directory,
    owner,
    command: path.join(home, 'postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    ready: () => answersQueries(home, port),
    // Ends the sessions instead of waiting for them.
    stopSignal: 'SIGINT',
  });
  await server.start();
  const connection = { host: '127.0.0.1', port, user: USER, password: PASSWORD, database: 'postgres' };
  /**
   * Work in a session of its own, which is at its end when this answers. Not a pool's: that answers its `end` while its sessions still end,
   * and a server that stops then tells them so, as an error that nobody waits for.
   */
  const session = async (work, database = connection.database) => {
    const client = new Client({ ...connection, database });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  return {
    ...connection,
    url: `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`,
    session,
    query: async (sql, database) => (await session((client) => client.query(sql), database)).rows,
    start: () => server.start(),
    kill: (signal) => server.kill(signal),
    stop: () => server.stop(),
  };
}

async function answersQueries(home, port) {
  if (!(await accepts(port))) return false;
  try {
    execFileSync(path.join(home, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
