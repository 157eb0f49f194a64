import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { Child } from './child';
import { LogFile } from './log-file';

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

it('a child that can not be started again says why', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldline-child-'));
  const file = path.join(folder, 'program.mjs');
  writeFileSync(file, PROGRAM);
  const said: string[] = [];
  const pids: number[] = [];
  child = new Child({
    title: 'The fabric of hq',
    file,
    args: [path.join(folder, 'mark')],
    youngSpaceMb: 4,
    stopMsMax: 5_000,
    env: {},
    log: new LogFile(path.join(folder, 'child.log')),
    say: (sentence) => said.push(sentence),
    onSpawn: (pid) => pids.push(pid),
  });
  await child.start({ waitForReady: true });
  process.kill(pids[0]!, 'SIGKILL');
  await vi.waitFor(() => expect(said).toContain('The fabric of hq can not start: The disk is full. Free some space'), {
    timeout: 20_000,
  });
  expect(readFileSync(path.join(folder, 'child.log'), 'utf8')).toContain('The disk is full');
});
