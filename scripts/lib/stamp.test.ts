import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isCurrent, stampOf } from './stamp.mjs';

let root: string;
let stamp: string;
const ENTRIES = ['src', 'lock.json', 'never-there'];
const current = () => isCurrent(root, stamp, ENTRIES);

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'fieldline-stamp-'));
  stamp = path.join(root, 'stamp');
  mkdirSync(path.join(root, 'src/deep'), { recursive: true });
  writeFileSync(path.join(root, 'src/deep/a.ts'), 'one');
  writeFileSync(path.join(root, 'lock.json'), '{}');
});
afterEach(() => rmSync(root, { recursive: true }));

it('nothing is current before it was made, and what was made is until its sources change', () => {
  expect(current()).toBe(false);
  writeFileSync(stamp, stampOf(root, ENTRIES));
  expect(current()).toBe(true);
  writeFileSync(path.join(root, 'src/b.ts'), 'new');
  expect(current()).toBe(false);
  rmSync(path.join(root, 'src/b.ts'));
  expect(current()).toBe(true);
  rmSync(path.join(root, 'lock.json'));
  expect(current()).toBe(false);
});

it('sees a change that left size and date of a file as they were', () => {
  const file = path.join(root, 'src/deep/a.ts');
  const date = new Date('2026-01-02T03:04:05Z');
  utimesSync(file, date, date);
  writeFileSync(stamp, stampOf(root, ENTRIES));
  writeFileSync(file, 'two');
  utimesSync(file, date, date);
  expect(current()).toBe(false);
});

it('what was only touched is current, and need not be read again', () => {
  writeFileSync(stamp, stampOf(root, ENTRIES));
  const before = readFileSync(stamp, 'utf8').split('\n');
  writeFileSync(path.join(root, 'src/deep/a.ts'), 'one');
  expect(current()).toBe(true);
  const after = readFileSync(stamp, 'utf8').split('\n');
  expect(after[0]).toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
});
