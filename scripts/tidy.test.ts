/** Style as a test: what a reader should never have to point out in review. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '@/lib/errors/codes';

const root = path.resolve(import.meta.dirname, '..');
/** A longer file says near its top why it is one: `Long because ...`. */
const LINES_MAX = 400;
const THIS_FILE = 'scripts/tidy.test.ts';

/** What git tracks or would track: new files count before they are committed. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file && existsSync(path.join(root, file)));
const sources = files.filter((file) => /\.(ts|tsx|mjs|js|css)$/.test(file) && file !== THIS_FILE);
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** `file:line` of every line that matches. */
const find = (pattern: RegExp, among: readonly string[]) =>
  among.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
  );

describe('the tree is tidy', () => {
  it('has no leftovers', () => {
    expect(find(/\b(TODO|FIXME|XXX|HACK)\b|\bdebugger;|\b(it|test|describe)\.only\(/, sources)).toEqual([]);
  });

  it('prints through a logger, not the console, outside of commands and benchmarks', () => {
    expect(
      find(
        /\bconsole\.(log|info|debug|warn|error)\(/,
        sources.filter((file) => !/^(scripts|bench|e2e)\//.test(file)),
      ),
    ).toEqual([]);
  });

  it('reads the environment in the configuration module and in commands only', () => {
    const allowed = /^(lib\/config|launcher|scripts|bench|e2e)\/|^(next|vitest|playwright)\.config\.ts$|\.test\.tsx?$/;
    // Next replaces NEXT_RUNTIME at build time; it is a compile-time constant, not a setting.
    const lines = find(
      /process\.env\b(?!\.NEXT_RUNTIME)/,
      sources.filter((file) => !allowed.test(file)),
    );
    expect(lines).toEqual([]);
  });

  it('documents every error code, and only those', () => {
    const documented = [...read('docs/errors.md').matchAll(/^## `?([A-Z][A-Z_]+)`?\s*$/gm)].map((match) => match[1]);
    expect(documented.toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
  });

  it('says why where a file is long', () => {
    const oversized = sources.filter((file) => {
      const text = read(file);
      return text.split('\n').length > LINES_MAX && !/Long because /.test(text.slice(0, 3000));
    });
    expect(oversized).toEqual([]);
  });

  it('names no path of a particular machine', () => {
    expect(
      find(
        /\/(work|root|home\/[a-z]+)\/(main|\.|shared)/,
        files.filter((file) => !/\.(png|jpg|webp|woff2?|ico)$/.test(file) && file !== THIS_FILE),
      ),
    ).toEqual([]);
  });

  it('needs no file or dependency that nothing uses', () => {
    const output = (() => {
      try {
        return execFileSync(process.execPath, ['node_modules/knip/bin/knip.js', '--no-progress'], {
          cwd: root,
          encoding: 'utf8',
        });
      } catch (error) {
        return (error as { stdout: string; stderr: string }).stdout || (error as { stderr: string }).stderr;
      }
    })();
    expect(output.trim()).toBe('');
  });
});
