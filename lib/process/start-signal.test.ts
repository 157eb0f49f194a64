import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { START_MESSAGE, startSignal } from './start-signal';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'fieldline-signal-'));
  await build({
    stdin: {
      contents: `import { listenForStart, startSignal } from './start-signal';
        listenForStart();
        process.send('loaded');
        startSignal().then(() => process.send('started', () => process.disconnect()));`,
      resolveDir: import.meta.dirname,
      loader: 'ts',
    },
    outfile: path.join(folder, 'program.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

it('without a launcher nothing is waited for', async () => {
  await expect(startSignal()).resolves.toBeUndefined();
});

it('a process starts at the word of its launcher and at no other, and is then free to end', async () => {
  const child = fork(path.join(folder, 'program.mjs'));
  const said: unknown[] = [];
  child.on('message', (message) => said.push(message));
  await once(child, 'message');
  child.send({ fieldline: 'something else' });
  child.send('start');
  child.send(START_MESSAGE);
  const [code] = await once(child, 'exit');
  expect([said, code]).toEqual([['loaded', 'started'], 0]);
});
