import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '@/lib/clock/clock';
import { lastRunEnded } from './last-run';

const folder = mkdtempSync(path.join(tmpdir(), 'fieldline-last-run-'));
const note = (name: string, text: string) => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};

it('waits until the noted processes have ended', async () => {
  const program = note('app.js', 'process.stdin.resume()');
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said: string[] = [];
  let waited = false;
  const waiting = lastRunEnded([note('child.pid', `${child.pid}\n`)], systemClock, (line) => {
    said.push(line);
    child.stdin.end();
  }).then(() => {
    waited = true;
  });
  expect(waited).toBe(false);
  // The child ends only because the wait has begun; the system knows of its end before this process is told.
  await waiting;
  await ended;
  expect(child.exitCode).toBe(0);
  expect(said).toEqual(['Waiting for the last run to end; its launcher was killed ...']);
});

it('waits for nothing where no note names a living process', async () => {
  const said: string[] = [];
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('exit', resolve));
  const notes = [
    path.join(folder, 'none.pid'),
    note('damaged.pid', 'x'),
    note('empty.pid', ''),
    note('dead.pid', String(child.pid)),
    // This test runs, yet is no part of an installation.
    note('reused.pid', String(process.pid)),
  ];
  await lastRunEnded(notes, systemClock, (line) => said.push(line));
  expect(said).toEqual([]);
});

/** Its memory takes the system a while to take back. */
const LISTENER = `
  const held = Array.from({ length: 40 }, () => Buffer.alloc(10_000_000, 1));
  import('node:net').then(({ createServer }) => {
    const server = createServer().listen(0, '127.0.0.1', () => process.stdout.write(server.address().port + ' ' + held.length));
  });
`;

it('waits until what they listened on is free: a process that ends gives its memory back first', async () => {
  const program = note('app.js', LISTENER);
  for (let round = 0; round < 5; round++) {
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGKILL');
    // A step at a time, so that every state of its end is met.
    await lastRunEnded(
      [note('listener.pid', `${child.pid}\n`)],
      { ...systemClock, sleep: async () => undefined },
      () => undefined,
    );
    const server = createServer().listen(Number.parseInt(String(line), 10), '127.0.0.1');
    await once(server, 'listening');
    server.close();
  }
});
