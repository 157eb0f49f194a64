import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '.';
import {
  defaultSites,
  loadConfig,
  managedFabrics,
  parseConfig,
  readConnection,
  readSecret,
  secretsOf,
  withConnections,
  writeConnection,
} from '.';

let folder: string;
const configIn = (dataDir: string) => parseConfig({ dataDir, sites: defaultSites(['hq', 'alpha']) }, 'the test');

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fieldline-connections-'));
});

async function connected(dataDir: string): Promise<Connection> {
  const config = configIn(dataDir);
  const secrets = secretsOf(config);
  const target = {
    fabric: {
      kind: 'kafka' as const,
      brokers: ['kafka.example:9092'],
      postgres: {
        host: 'db.example',
        port: 5432,
        database: 'missions',
        user: 'fieldline',
        tls: undefined,
        passwordFile: await secrets.put('hq.a1.postgres.password', 'db secret'),
      },
      s3: {
        endpoint: 'https://s3.example',
        region: 'us-east-1',
        bucket: 'missions',
        pathStyle: true,
        accessKeyId: 'AK',
        secretAccessKeyFile: await secrets.put('hq.a1.s3.secretAccessKey', 's3 secret'),
      },
    },
  };
  return { version: 1, inUse: { id: 'a1', target }, draft: null, previous: [] };
}

describe('connections', () => {
  it('leave a configuration as it is while there are none', () => {
    const config = configIn(folder);
    expect(withConnections(config)).toBe(config);
    expect(readConnection(config, 'hq')).toEqual({ version: 1, inUse: null, draft: null, previous: [] });
  });

  it('go before what the configuration says, in the launcher and in the app, with secrets by reference', async () => {
    const dataDir = path.join(folder, 'data');
    const connection = await connected(dataDir);
    await writeConnection(configIn(dataDir), 'hq', connection);
    const config = withConnections(configIn(dataDir));
    const [hq, alpha] = config.sites;
    expect(hq).toMatchObject({ id: 'hq', fabric: { kind: 'kafka', brokers: ['kafka.example:9092'] } });
    expect(alpha?.fabric.kind).toBe('embedded');
    const file = path.join(folder, 'config.json');
    writeFileSync(file, JSON.stringify({ dataDir, sites: defaultSites(['hq', 'alpha']) }));
    expect(loadConfig({ FIELDLINE_CONFIG: file }).sites).toEqual(config.sites);
    // Read again from what it has become: the same.
    expect(withConnections(config)).toEqual(config);
    const stored = readFileSync(path.join(dataDir, 'connections', 'hq.json'), 'utf8');
    expect(stored).not.toMatch(/db secret|s3 secret/);
    expect(JSON.parse(stored).inUse.target.fabric.s3.secretAccessKeyFile).toBe(
      '../secrets/hq.a1.s3.secretAccessKey.secret',
    );
  });

  it('are found, with their secrets, in a data directory that was moved', async () => {
    const before = path.join(folder, 'before');
    await writeConnection(configIn(before), 'hq', await connected(before));
    const after = path.join(folder, 'after');
    renameSync(before, after);
    const config = withConnections(configIn(after));
    const { fabric } = config.sites[0]!;
    if (fabric.kind !== 'kafka') throw new Error('expected kafka');
    expect(readSecret(config, fabric.postgres.passwordFile)).toBe('db secret');
  });

  it('say which embedded fabrics are to run: those in use, and one that is prepared to go back to', async () => {
    const config = configIn(folder);
    const idsOf = () => managedFabrics(withConnections(config)).map(({ id, needed }) => [id, needed]);
    expect(idsOf()).toEqual([
      ['hq', true],
      ['alpha', true],
    ]);
    const connection = await connected(folder);
    await writeConnection(config, 'hq', connection);
    expect(idsOf()).toEqual([['alpha', true]]);
    const { fabric } = config.sites[0]!;
    await writeConnection(config, 'hq', { ...connection, draft: { id: 'd', target: { fabric } } });
    expect(idsOf()).toEqual([
      ['hq', false],
      ['alpha', true],
    ]);
  });

  it.each<[string, (file: string, dataDir: string) => void, string, RegExp]>([
    [
      'a file that is not JSON',
      (file) => writeFileSync(file, '{'),
      'CONFIG_INVALID',
      /connection in .*hq.json can not be read/,
    ],
    [
      'a field that is wrong',
      (file) => writeFileSync(file, '{"version":2}'),
      'CONFIG_INVALID',
      /hq.json is not valid: version/,
    ],
    [
      'a secret that is gone',
      (_file, dataDir) => renameSync(path.join(dataDir, 'secrets'), path.join(dataDir, 'x')),
      'CONFIG_INVALID',
      /hq.a1.postgres.password.secret can not be read/,
    ],
    [
      'another key',
      (_file, dataDir) =>
        writeFileSync(path.join(dataDir, 'secrets', 'key'), `${Buffer.alloc(32).toString('base64')}\n`),
      'SECRET_UNREADABLE',
      /sealed with another key/,
    ],
  ])('stop a start with one sentence at %s', async (_name, harm, code, message) => {
    await writeConnection(configIn(folder), 'hq', await connected(folder));
    mkdirSync(path.join(folder, 'connections'), { recursive: true });
    harm(path.join(folder, 'connections', 'hq.json'), folder);
    expect(() => withConnections(configIn(folder))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
