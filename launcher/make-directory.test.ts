import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeDirectory } from './make-directory';

const root = mkdtempSync(path.join(tmpdir(), 'fieldline-directory-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('makes a directory with those above it, also again, and refuses a file in its place', () => {
  makeDirectory(path.join(root, 'a/b'));
  makeDirectory(path.join(root, 'a/b'));
  expect(existsSync(path.join(root, 'a/b'))).toBe(true);
  writeFileSync(path.join(root, 'file'), '');
  expect(() => makeDirectory(path.join(root, 'file'))).toThrow(/EEXIST/);
});

it.skipIf(process.platform !== 'linux')('gives up where the file system takes no directory', () => {
  expect(() => makeDirectory('/proc/fieldline/data')).toThrow(/ENOENT/);
});
