import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { oneAtATime } from './one-at-a-time.mjs';

let root: string;
const file = () => path.join(root, '.cache/building');
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
  expect(existsSync(file())).toBe(false);
});

it('goes on where a process was killed in the middle', async () => {
  const killed = spawn(process.execPath, ['-e', '']);
  await once(killed, 'exit');
  mkdirSync(path.dirname(file()));
  writeFileSync(file(), String(killed.pid));
  expect(await oneAtATime(root, async () => 'done')).toBe('done');
});
