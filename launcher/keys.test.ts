import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parseConfig, readSecret } from '@/lib/config';
import { securityArguments } from './keys';

const dataDir = mkdtempSync(path.join(tmpdir(), 'fieldline-keys-'));
function settings(fabric: object) {
  const raw = { kind: 'embedded', kafkaPort: 1, restPort: 2, ...fabric };
  const config = parseConfig({ dataDir, sites: [{ id: 'hq', role: 'hq', fabric: raw }] }, 'the test');
  const [site] = config.sites;
  if (site?.fabric.kind !== 'embedded') throw new Error('unreachable');
  return [config, 'hq', site.fabric] as const;
}
const optionOf = (args: string[], name: string) => args[args.indexOf(name) + 1]!;

it('leaves loopback open, and guards what listens beyond it', async () => {
  expect(await securityArguments(...settings({}))).toEqual([]);
  expect(await securityArguments(...settings({ host: '0.0.0.0', access: 'unprotected' }))).toEqual(['--unprotected']);
  expect(() => settings({ host: '0.0.0.0', access: 'open' })).toThrow('open doors are for loopback');
});

it('makes what no setting names, for its owner alone, once, and anew for another name', async () => {
  const fabric = { host: '0.0.0.0', advertisedHost: 'hq.example' };
  const first = await securityArguments(...settings(fabric));
  for (const name of ['--credentials', '--tls-cert', '--tls-key', '--tls-ca'])
    expect(statSync(optionOf(first, name)).mode & 0o777).toBe(0o600);
  const read = (name: string) => readSecret({ dataDir }, optionOf(first, name));
  const [credentials, certificate, authority] = ['--credentials', '--tls-cert', '--tls-ca'].map(read);
  expect(JSON.parse(credentials!).password.length).toBeGreaterThan(40);
  expect(new X509Certificate(certificate!).checkHost('hq.example')).toBe('hq.example');
  expect(new X509Certificate(certificate!).checkIP('127.0.0.1')).toBe('127.0.0.1');

  expect(await securityArguments(...settings(fabric))).toEqual(first);
  expect(read('--tls-cert')).toBe(certificate);
  await securityArguments(...settings({ ...fabric, advertisedHost: 'moved.example' }));
  expect(new X509Certificate(read('--tls-cert')).checkHost('moved.example')).toBe('moved.example');
  expect([read('--tls-ca'), read('--credentials')]).toEqual([authority, credentials]);
});

it('seals them, also those that a former build left in the clear, and names a key that does not open them', async () => {
  const place = settings({ host: '0.0.0.0' });
  const args = await securityArguments(...place);
  const files = [
    optionOf(args, '--credentials'),
    optionOf(args, '--tls-key'),
    path.join(dataDir, 'keys/hq/authority.key'),
  ];
  const secrets = files.map((file) => readSecret({ dataDir }, file));
  const parts = [JSON.parse(secrets[0]!).password, ...secrets.slice(1).map((pem) => pem.split('\n')[3]!)];
  const inTheClear = () => {
    const all = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = all.map(({ parentPath, name }) => readFileSync(path.join(parentPath, name), 'utf8'));
    return parts.filter((part) => texts.some((text) => text.includes(part)));
  };
  expect(inTheClear()).toEqual([]);

  for (const [index, file] of files.entries()) writeFileSync(file, `${secrets[index]}\n`, { mode: 0o600 });
  expect(inTheClear()).toEqual(parts);
  expect(await securityArguments(...place)).toEqual(args);
  expect(inTheClear()).toEqual([]);
  expect(files.map((file) => readSecret({ dataDir }, file).trim())).toEqual(secrets.map((secret) => secret.trim()));

  const key = path.join(dataDir, 'secrets', 'key');
  const right = readFileSync(key);
  writeFileSync(key, `${Buffer.alloc(32, 7).toString('base64')}\n`);
  await expect(securityArguments(...place)).rejects.toMatchObject({
    code: 'SECRET_UNREADABLE',
    message: expect.stringMatching(
      /^The stored secret "credentials" can not be opened: it was sealed with another key/,
    ),
    remedy: expect.stringContaining(`remove ${files[0]}`),
  });
  writeFileSync(key, right);
  expect(await securityArguments(...place)).toEqual(args);
});

it('takes the certificate that the settings name', async () => {
  const put = (name: string) => {
    writeFileSync(path.join(dataDir, name), 'x');
    return path.join(dataDir, name);
  };
  const tls = { certFile: put('own.pem'), keyFile: put('own.key') };
  const args = await securityArguments(...settings({ host: '0.0.0.0', tls }));
  expect(optionOf(args, '--tls-cert')).toBe(tls.certFile);
  expect(args).not.toContain('--tls-ca');
});
