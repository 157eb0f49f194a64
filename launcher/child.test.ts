import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { Child } from './child';
import { LogFile } from './log-file';
import { FABRIC_MEMORY } from './process-memory';

let child: Child | undefined;
afterEach(() => child?.stop());

/** Ready at its first start; every later one finds its disk full. */
const PROGRAM = `
  import { existsSync, writeFileSync } from 'node:fs';
  const [mark] = process.argv.slice(2);
  if (existsSync(mark)) {
    process.stdout.write(JSON.stringify({ error: { message: 'The disk is full', remedy: 'Free some space' } }) + '\\n');
    process.exit(1);
  }
  writeFileSync(mark, '');
  process.stdout.write(JSON.stringify({ ready: true }) + '\\n');
  setInterval(() => undefined, 1000);
`;

/** A child of this program, and what it did. */
function childOf(program: string, startAfter?: Promise<void>) {
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldline-child-'));
  const file = path.join(folder, 'program.mjs');
  writeFileSync(file, program);
  const said: string[] = [];
  const pids: number[] = [];
  const log = path.join(folder, 'child.log');
  child = new Child({
    title: 'The fabric of hq',
    file,
    args: [path.join(folder, 'mark')],
    memory: FABRIC_MEMORY,
    stopMsMax: 5_000,
    log: new LogFile(log),
    say: (sentence) => said.push(sentence),
    onSpawn: (pid) => pids.push(pid),
    startAfter,
  });
  return { child, said, pids, log };
}
const WAIT = { timeout: 20_000 };

it('a child that can not be started again says why', async () => {
  const { child, said, pids, log } = childOf(PROGRAM);
  await child.start({ waitForReady: true });
  process.kill(pids[0]!, 'SIGKILL');
  await vi.waitFor(
    () => expect(said).toContain('The fabric of hq can not start: The disk is full. Free some space'),
    WAIT,
  );
  expect(readFileSync(log, 'utf8')).toContain('The disk is full');
});

it('one that nobody waits for tells by its first start that it can not be, and is not started again', async () => {
  const { child, said, pids } = childOf(`
    process.stdout.write(JSON.stringify({ error: { message: 'The users are of a newer build' } }) + '\\n');
    process.exit(1);
  `);
  await child.start({ waitForReady: false });
  await expect(child.refused).rejects.toMatchObject({ message: 'The users are of a newer build' });
  expect([pids.length, said]).toEqual([1, []]);
});

it('one that dies without a word is started again', async () => {
  const { child, said, pids } = childOf('process.exit(1);');
  await child.start({ waitForReady: false });
  await vi.waitFor(() => expect(pids.length).toBeGreaterThan(1), WAIT);
  expect(said[0]).toContain('starting it again');
});

it('every process of one that waits for others is told when they are up, also one that took its place', async () => {
  let isUp: () => void = () => undefined;
  const up = new Promise<void>((resolve) => {
    isUp = resolve;
  });
  const { child, pids, log } = childOf(
    `process.on('message', (message) => process.stdout.write(JSON.stringify(message) + '\\n'));
     process.stdout.write('listening\\n');`,
    up,
  );
  const told = () => readFileSync(log, 'utf8').split('{"fieldline":"start"}').length - 1;
  await child.start({ waitForReady: false });
  await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toContain('listening'), WAIT);
  expect(told()).toBe(0);
  isUp();
  await vi.waitFor(() => expect(told()).toBe(1), WAIT);
  process.kill(pids[0]!, 'SIGKILL');
  await vi.waitFor(() => expect(told()).toBe(2), WAIT);
});
