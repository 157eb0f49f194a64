/** A start that can not work ends with one clear sentence and a non-zero code, and harms nothing. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp, buildPrograms } from '../scripts/lib/build.mjs';

const root = path.resolve(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(tmpdir(), 'fieldline-refusals-'));
let taken: Server;
let takenPort: number;

beforeAll(async () => {
  await buildPrograms(root);
  await buildApp(root);
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  takenPort = (taken.address() as { port: number }).port;
}, 300_000);
afterAll(() => new Promise((resolve) => taken.close(resolve)));

const freePort = async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};

function start(...args: string[]): Promise<{ code: number | null; errors: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['scripts/start.mjs', ...args], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.once('close', (code) => resolve({ code, errors }));
  });
}

const oneSentence = (errors: string) => {
  const lines = errors.trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^fieldline {2}[^\n]+\.$/);
  expect(lines[0]).not.toMatch(/\bat .*:\d+:\d+/);
  return lines[0]!;
};

const hq = async (data: string) => [
  '--site',
  'hq',
  '--data',
  data,
  '--port',
  String(await freePort()),
  '--kafka-port',
  String(await freePort()),
  '--rest-port',
  String(await freePort()),
];
const replace = (args: string[], name: string, value: string) =>
  args.map((arg, n) => (args[n - 1] === name ? value : arg));

describe('npm start refuses', () => {
  it.each(['--port', '--kafka-port', '--rest-port'])('a taken %s', async (option) => {
    const { code, errors } = await start(
      ...replace(await hq(path.join(folder, `taken${option}`)), option, String(takenPort)),
    );
    expect(code).toBe(1);
    expect(oneSentence(errors)).toContain(`127.0.0.1:${takenPort}`);
  });

  it('a data directory that can not be made', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const { code, errors } = await start(...(await hq(path.join(folder, 'file/data'))));
    expect(code).toBe(1);
    expect(oneSentence(errors)).toContain(path.join(folder, 'file/data'));
  });

  it("a data directory that is another site's, and leaves it alone", async () => {
    const data = path.join(folder, 'other');
    mkdirSync(path.join(data, 'hq'), { recursive: true });
    writeFileSync(path.join(data, 'hq/format.json'), '{"version":1,"site":"alpha"}');
    const { code, errors } = await start(...(await hq(data)));
    expect(code).toBe(1);
    expect(oneSentence(errors)).toContain('belongs to the site alpha');
    expect(readdirSync(path.join(data, 'hq'))).toEqual(['format.json']);
  });

  it('data of a newer build, and leaves it alone', async () => {
    const data = path.join(folder, 'newer');
    mkdirSync(path.join(data, 'hq'), { recursive: true });
    const format = '{"version":99,"site":"hq"}';
    writeFileSync(path.join(data, 'hq/format.json'), format);
    const { code, errors } = await start(...(await hq(data)));
    expect(code).toBe(1);
    expect(oneSentence(errors)).toMatch(/is in format 99; this build knows formats up to \d+\. Run the newer build/);
    expect(readdirSync(path.join(data, 'hq'))).toEqual(['format.json']);
    expect(readFileSync(path.join(data, 'hq/format.json'), 'utf8')).toBe(format);
  });

  it('users of a newer build, and leaves them alone', async () => {
    const data = path.join(folder, 'newer-users');
    mkdirSync(path.join(data, 'access'), { recursive: true });
    const users = path.join(data, 'access/users.json');
    writeFileSync(users, '{"version":99,"records":[]}');
    const { code, errors } = await start(...(await hq(data)), '--access', 'on');
    expect(code).toBe(1);
    expect(oneSentence(errors)).toMatch(/users\.json.* not written by this version of Fieldline/);
    expect(readFileSync(users, 'utf8')).toBe('{"version":99,"records":[]}');
  }, 60_000);

  it('a configuration file with a wrong field', async () => {
    const file = path.join(folder, 'bad.json');
    writeFileSync(
      file,
      JSON.stringify({ sites: [{ id: 'hq', role: 'hq', fabric: { kind: 'embedded', kafkaPort: 'x', restPort: 1 } }] }),
    );
    const { code, errors } = await start('--config', file);
    expect(code).toBe(1);
    expect(oneSentence(errors)).toMatch(/bad\.json.*kafkaPort/);
  });

  it('a feed file with a wrong field, before anything is started', async () => {
    const file = path.join(folder, 'feed.json');
    writeFileSync(file, JSON.stringify({ id: 'mine', kind: 'json', url: 'ftp://example.org/feed' }));
    const data = path.join(folder, 'feed-data');
    const { code, errors } = await start(...(await hq(data)), '--feeds', file);
    expect(code).toBe(1);
    expect(oneSentence(errors)).toMatch(/feed\.json/);
    expect(existsSync(path.join(data, 'hq'))).toBe(false);
  });

  it('to listen where strangers are while access control is off, before anything is touched', async () => {
    const data = path.join(folder, 'open-data');
    const { code, errors } = await start(...(await hq(data)), '--host', '0.0.0.0');
    expect(code).toBe(1);
    expect(oneSentence(errors)).toContain('with access control off the app listens on loopback only');
    expect(existsSync(data)).toBe(false);
  });

  it('an edge that is told of an HQ which is none', async () => {
    const { code, errors } = await start('--site', 'alpha', '--upstream', 'nowhere');
    expect(code).toBe(1);
    expect(oneSentence(errors)).toContain('upstream');
  });
});
