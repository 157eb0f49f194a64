import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockDirectory } from './lock.mjs';

const directory = () => mkdtempSync(path.join(tmpdir(), 'fieldline-lock-'));

describe.each(['linux', 'darwin'] as const)('a lock as on %s', (platform) => {
  it("is one holder's at a time", async () => {
    const place = directory();
    const held = await lockDirectory(place, 'a', platform);
    expect(held).not.toBeNull();
    expect(await lockDirectory(place, 'a', platform)).toBeNull();
    const other = await lockDirectory(place, 'b', platform);
    expect(other).not.toBeNull();
    await held!.release();
    const again = await lockDirectory(place, 'a', platform);
    expect(again).not.toBeNull();
    await Promise.all([again!.release(), other!.release()]);
  });
});

it('a socket file whose holder was killed holds nothing', async () => {
  const place = directory();
  const file = path.join(place, 'a.lock');
  const holder = spawn(process.execPath, [
    '-e',
    `require('node:net').createServer().listen(${JSON.stringify(file)}, () => process.stdout.write('held'))`,
  ]);
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  expect(await lockDirectory(place, 'a', 'darwin')).toBeNull();
  const gone = new Promise((resolve) => holder.once('exit', resolve));
  holder.kill('SIGKILL');
  await gone;
  const held = await lockDirectory(place, 'a', 'darwin');
  expect(held).not.toBeNull();
  await held!.release();
});
