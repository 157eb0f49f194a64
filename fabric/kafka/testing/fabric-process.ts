/** The fabric as a process of its own, for tests that kill it or speak with it from other programs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = path.resolve(import.meta.dirname, '../../../dist/fabric.js');

export interface FabricProcess {
  readonly kafkaPort: number;
  readonly restPort: number;
  /** `127.0.0.1:port`. */
  readonly bootstrap: string;
  /** Resolves when the process has ended. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** Resolves when the fabric says that it is ready. Port 0: any free one. `options`: more of its command line. */
export async function startFabricProcess(
  dataDirectory: string,
  kafkaPort = 0,
  options: readonly string[] = [],
): Promise<FabricProcess> {
  const addresses = ['--kafka', `127.0.0.1:${kafkaPort}`, '--rest', '127.0.0.1:0', ...options];
  const child = spawn(process.execPath, [PROGRAM, '--site', 'hq', '--data', dataDirectory, ...addresses], {
    // With an ipc channel the fabric ends with this test, whatever happens to it.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const said: string[] = [];
  child.stderr!.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
  const ended = once(child, 'exit');
  const ready = await Promise.race([readyLine(child), ended.then(() => null)]);
  if (ready?.ready !== true) {
    child.kill('SIGKILL');
    throw new Error(`The fabric did not start: ${JSON.stringify(ready)} ${said.join('')}`);
  }
  return {
    kafkaPort: ready.kafka,
    restPort: ready.rest,
    bootstrap: `127.0.0.1:${ready.kafka}`,
    kill: async (signal) => {
      child.kill(signal);
      await ended;
    },
  };
}

async function readyLine(child: ChildProcess): Promise<{ ready?: boolean; kafka: number; rest: number } | null> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const said = JSON.parse(line);
    // It may log something before.
    if (!('ready' in said || 'error' in said)) continue;
    // Nothing else is read: what the fabric prints later must not fill the pipe.
    child.stdout!.resume();
    return said;
  }
  return null;
}
