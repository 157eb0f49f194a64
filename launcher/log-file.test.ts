import { mkdtempSync, readFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { LogFile } from './log-file';

it('a log on a full disk loses lines, says how many, and never throws', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'fieldline-log-')), 'child.log');
  let full = false;
  const log = new LogFile(file, (descriptor, text) => {
    if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    return writeSync(descriptor, text);
  });
  log.write('before');
  full = true;
  log.write('lost');
  log.write('lost too');
  full = false;
  log.write('after');
  expect(readFileSync(file, 'utf8').split('\n')).toEqual([
    'before',
    '(2 lines are missing here: they could not be written)',
    'after',
    '',
  ]);
});
