import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { JsonFile } from './json-file';

const fresh = () => path.join(mkdtempSync(path.join(tmpdir(), 'fieldline-json-')), 'state.json');

it('keeps what was written last', async () => {
  const file = fresh();
  const first = await JsonFile.open<string[]>(file, []);
  await Promise.all(['a', 'b', 'c'].map((name) => first.update((names) => [...names, name])));
  expect((await JsonFile.open<string[]>(file, [])).value).toEqual(['a', 'b', 'c']);
});

it('names a damaged file, and does not begin anew over it', async () => {
  const file = fresh();
  writeFileSync(file, '["a", "b');
  await expect(JsonFile.open<string[]>(file, [])).rejects.toMatchObject({
    code: 'DATA_DIR_UNUSABLE',
    message: expect.stringContaining(file),
  });
  expect(readFileSync(file, 'utf8')).toBe('["a", "b');
});
