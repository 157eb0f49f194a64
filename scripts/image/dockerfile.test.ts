/** The Dockerfile, which no container engine reads where this is developed: that it does what scripts/image.mjs does, and nothing careless. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMAND } from '../../e2e/support/container';
import { NODE_FILE, USER_ID } from './lay.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const instructions = read('Dockerfile')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() && !line.startsWith('#'))
  .map((line) => /^([A-Z]+)\s+(.*)$/.exec(line)!)
  .map(([, name, rest]) => ({ name: name!, rest: rest! }));
const all = (wanted: string) => instructions.filter(({ name }) => name === wanted).map(({ rest }) => rest);
const stages = all('FROM');

describe('the Dockerfile', () => {
  it('builds with the pinned Node, and ends with nothing but what is copied', () => {
    const version = read('.nvmrc').trim();
    expect(stages).toEqual([`node:${version}-bookworm-slim AS build`, 'scratch']);
    const [major, minor] = version.split('.').map(Number) as [number, number];
    const [, majorMin, minorMin] = /^>=(\d+)\.(\d+)$/.exec(JSON.parse(read('package.json')).engines.node)!;
    expect(major).toBe(Number(majorMin));
    expect(minor).toBeGreaterThanOrEqual(Number(minorMin));
  });

  it('does what the script does', () => {
    expect(all('RUN')).toEqual(['["node", "scripts/image.mjs", "/image"]']);
    expect(all('COPY')).toEqual([
      '. .',
      '--from=build /image/ /',
      `--from=build --chown=${USER_ID}:${USER_ID} /image/data /data`,
    ]);
  });

  it('runs Node alone, as another user than root, in exec form', () => {
    expect(all('USER')).toEqual([`${USER_ID}:${USER_ID}`]);
    expect(all('STOPSIGNAL')).toEqual(['SIGTERM']);
    const [entry, command] = [JSON.parse(all('ENTRYPOINT')[0]!), JSON.parse(all('CMD')[0]!)];
    expect([...entry, ...command]).toEqual(COMMAND);
    expect(entry[0]).toBe(NODE_FILE);
  });

  it('fetches nothing from addresses, and has no instruction that needs a shell', () => {
    const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'USER', 'STOPSIGNAL', 'ENTRYPOINT', 'CMD'];
    expect([...new Set(instructions.map(({ name }) => name))].toSorted()).toEqual(known.toSorted());
  });
});

it('leaves nothing out of the build that the build reads', () => {
  const ignored = read('.dockerignore')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  const needed = [
    'app',
    'e2e',
    'fabric',
    'feeds',
    'launcher',
    'lib',
    'public',
    'scripts',
    'services',
    'package-lock.json',
    '.npmrc',
  ];
  expect(needed.filter((name) => ignored.includes(name))).toEqual([]);
  expect(ignored).toEqual(expect.arrayContaining(['.git', 'node_modules', 'data']));
});

describe.each(['x64', 'arm64'])('for linux/%s', (cpu) => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { version: string; optionalDependencies?: Record<string, string> }>;
  };

  it.each([
    ['libsql', `@libsql/linux-${cpu}-gnu`],
    ['sharp', `@img/sharp-linux-${cpu}`],
    ['sharp', `@img/sharp-libvips-linux-${cpu}`],
    ['next', `@next/swc-linux-${cpu}-gnu`],
    ['esbuild', `@esbuild/linux-${cpu}`],
    ['lightningcss', `lightningcss-linux-${cpu}-gnu`],
    ['@tailwindcss/oxide', `@tailwindcss/oxide-linux-${cpu}-gnu`],
    ['typescript', `@typescript/typescript-linux-${cpu}`],
  ])('the lock file of %s has %s', (owner, name) => {
    const wanted = packages[`node_modules/${owner}`]?.optionalDependencies?.[name];
    expect(wanted).toBeTruthy();
    expect(packages[`node_modules/${name}`]?.version).toBe(wanted);
  });
});
