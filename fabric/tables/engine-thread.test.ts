import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineThread } from './engine-thread';

/** A thread that answers with the table's path, and breaks when it is told to. */
const PROGRAM = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', (message) => {
  if (message.close) return parentPort.close();
  for (const { id, op } of message.requests) {
    if (op.table === 'throw') throw new Error('planted');
    if (op.table === 'exit') process.exit(3);
    if (op.table !== 'never') parentPort.postMessage({ replies: [{ id, result: op.table }] });
  }
});
parentPort.postMessage({ ready: { '/m/t': 't1' } });
`;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'thread-'));
  await writeFile(path.join(directory, 'worker.cjs'), PROGRAM);
});
afterAll(() => rm(directory, { recursive: true }));

const thread = (log: string[] = [], file = 'worker.cjs') =>
  new EngineThread(path.join(directory, file), { role: 'writer', file: '', bytesMax: null }, (message) =>
    log.push(message),
  );
const ask = (on: EngineThread, table: string) => on.request({ kind: 'create', table });

describe('EngineThread', () => {
  it('starts at the first use and says what there is', async () => {
    const used = thread();
    expect(await ask(used, 'a')).toBe('a');
    expect(await used.start()).toEqual({ '/m/t': 't1' });
    await used.close();
    await expect(ask(used, 'a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await thread().close(); // One that was never started has nothing to end.
  });

  it.each(['throw', 'exit'])(
    'tells everybody who waits when it breaks (%s), and works again afterwards',
    async (how) => {
      const log: string[] = [];
      const broken = thread(log);
      const waiting = Promise.allSettled([ask(broken, 'never'), ask(broken, how), ask(broken, 'b')]);
      for (const outcome of await waiting)
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } });
      expect(await ask(broken, 'again')).toBe('again');
      if (how === 'throw') expect(log[0]).toContain('planted');
      await broken.close();
    },
  );

  it('fails its callers when the program is missing', async () => {
    const missing = thread([], 'no-such-file.cjs');
    await expect(ask(missing, 'a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(ask(missing, 'a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await missing.close();
  });

  it('refuses more than it may hold', async () => {
    const full = thread();
    const waiting = Array.from({ length: 10_000 }, () => ask(full, 'never').catch((error: unknown) => error));
    await expect(ask(full, 'one more')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('Too many'),
    });
    await full.close();
    // A thread that ends without having answered leaves nobody waiting.
    for (const outcome of await Promise.all(waiting)) expect(outcome).toMatchObject({ code: 'UNAVAILABLE' });
  });
});
