import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { oneAtATime } from './one-at-a-time.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'fieldline-one-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('lets one work after the other, whatever becomes of it', async () => {
  const events: string[] = [];
  const work = (name: string, fails = false) =>
    oneAtATime(root, async () => {
      events.push(`${name} begins`);
      await sleep(50);
      events.push(`${name} ends`);
      if (fails) throw new Error('no');
    });
  await Promise.allSettled([work('a', true), work('b'), work('c')]);
  const names = events.map((event) => event[0]);
  expect(events).toHaveLength(6);
  for (let at = 0; at < 6; at += 2) expect(names[at]).toBe(names[at + 1]);
});

it('goes on when the process that works is killed', async () => {
  const events: string[] = [];
  const library = path.join(import.meta.dirname, 'one-at-a-time.mjs');
  const program = `
    const { oneAtATime } = await import(process.argv[1]);
    await oneAtATime(process.argv[2], () => { process.stdout.write('works'); return new Promise((resolve) => setTimeout(resolve, 60_000)); });
  `;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program, library, root]);
  await once(holder.stdout, 'data');
  const waiting = oneAtATime(root, async () => events.push('works'));
  await sleep(300);
  events.push('killed');
  holder.kill('SIGKILL');
  await waiting;
  expect(events).toEqual(['killed', 'works']);
});
