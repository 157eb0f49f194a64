import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FieldlineError } from '../errors';
import { readSecretFile, SecretStore } from '.';

const SECRET = 'correct horse battery staple';
let directory: string;
let keyFile: string;
let store: SecretStore;

beforeEach(() => {
  directory = path.join(mkdtempSync(path.join(tmpdir(), 'fieldline-secrets-')), 'secrets');
  keyFile = path.join(directory, 'key');
  store = new SecretStore({ directory, keyFile, generateKey: true });
});

const failure = (run: () => unknown): FieldlineError => {
  try {
    run();
  } catch (error) {
    if (error instanceof FieldlineError) return error;
    throw error;
  }
  throw new Error('expected a failure');
};

describe('stored secrets', () => {
  it('come back as they were put, and lie sealed under a key of their own, for their owner only', async () => {
    const umask = process.umask(0);
    try {
      await store.put('hq.s3', SECRET);
    } finally {
      process.umask(umask);
    }
    await store.put('hq.postgres', 'another\nwith two lines\n');
    expect(store.get('hq.s3')).toBe(SECRET);
    expect(store.get('hq.postgres')).toBe('another\nwith two lines\n');
    expect(await store.names()).toEqual(['hq.postgres', 'hq.s3']);
    expect(readdirSync(directory).sort()).toEqual(['hq.postgres.secret', 'hq.s3.secret', 'key']);
    for (const file of readdirSync(directory)) {
      expect(statSync(path.join(directory, file)).mode & 0o777).toBe(0o600);
      expect(readFileSync(path.join(directory, file), 'utf8')).not.toContain(SECRET);
    }
    await store.remove('hq.s3');
    await store.remove('hq.s3');
    expect(failure(() => store.get('hq.s3')).code).toBe('CONFIG_INVALID');
  });

  it('are sealed anew each time, with one key however many begin at once', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => store.put(name, SECRET)));
    for (const name of ['a', 'b', 'c', 'd']) expect(store.get(name)).toBe(SECRET);
    const first = readFileSync(store.fileOf('a'), 'utf8');
    await store.put('a', SECRET);
    expect(readFileSync(store.fileOf('a'), 'utf8')).not.toBe(first);
  });

  it('are read where a setting names a file, beside files that a person wrote', async () => {
    await store.put('hq.s3', SECRET);
    const plain = path.join(directory, 'plain');
    writeFileSync(plain, 'by hand\n');
    expect(readSecretFile(store.fileOf('hq.s3'), keyFile)).toBe(SECRET);
    expect(readSecretFile(plain, keyFile)).toBe('by hand');
  });

  it.each<[string, (file: string) => void, RegExp]>([
    [
      'another key',
      () => writeFileSync(keyFile, `${Buffer.alloc(32, 7).toString('base64')}\n`),
      /"hq.s3" .*sealed with another key than .*key/,
    ],
    ['no key', () => writeFileSync(keyFile, 'not a key\n'), /is no key for stored secrets/],
    [
      'changed data',
      (file) => {
        const envelope = JSON.parse(readFileSync(file, 'utf8'));
        const data = Buffer.from(envelope.data, 'base64');
        data[0]! ^= 1;
        writeFileSync(file, JSON.stringify({ ...envelope, data: data.toString('base64') }));
      },
      /its file was changed/,
    ],
    ['a file cut short', (file) => writeFileSync(file, readFileSync(file, 'utf8').slice(0, 60)), /its file is damaged/],
    [
      "another secret's file",
      (file) => writeFileSync(file, readFileSync(store.fileOf('hq.other'), 'utf8')),
      /its file was changed/,
    ],
  ])('say in one sentence what is wrong with %s, and tell nothing else', async (_name, harm, expected) => {
    await store.put('hq.s3', SECRET);
    await store.put('hq.other', 'other');
    harm(store.fileOf('hq.s3'));
    const error = failure(() => store.get('hq.s3'));
    expect(error.code).toBe('SECRET_UNREADABLE');
    expect(error.message).toMatch(expected);
    expect(error.remedy).toBeTruthy();
    expect(`${error.message}${error.remedy}${error.stack}`).not.toContain(SECRET);
  });

  it('are not sealed with a key made in the place of one that an operator named', async () => {
    const named = new SecretStore({ directory, keyFile: path.join(directory, 'mounted'), generateKey: false });
    await expect(named.put('hq.s3', SECRET)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    await store.put('x', SECRET);
    chmodSync(keyFile, 0o444);
    const mounted = new SecretStore({ directory, keyFile, generateKey: false });
    await mounted.put('hq.s3', SECRET);
    expect(mounted.get('hq.s3')).toBe(SECRET);
  });
});
