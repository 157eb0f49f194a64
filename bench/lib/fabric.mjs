/** An embedded fabric as a process of its own, as the launcher starts it: what is measured is what runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { importTypeScript } from '../../scripts/import-typescript.mjs';
import { buildPrograms } from '../../scripts/lib/build.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Starts the fabric of a site on ports that are free, once it is built from the sources as they are.
 * @param {{ site: string, directory: string }} options the directory of its data, made where it is missing
 * @returns {Promise<{ pid: number, kafkaPort: number, restPort: number, stop(): Promise<void> }>}
 */
export async function startFabric({ site, directory }) {
  await buildPrograms(root);
  const { FABRIC_MEMORY } = await importTypeScript('launcher/process-memory.ts');
  const program = path.join(root, 'dist/fabric.js');
  const doors = ['--kafka', '127.0.0.1:0', '--rest', '127.0.0.1:0'];
  const child = spawn(
    process.execPath,
    [...FABRIC_MEMORY.flags, program, '--site', site, '--data', directory, ...doors],
    {
      env: { ...process.env, ...FABRIC_MEMORY.env },
      // With the channel to its parent that the launcher gives it: it ends when we do.
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  );
  const stop = async () => {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const { ready, kafka, rest, error } = JSON.parse(line);
    if (error) throw new Error(`The fabric ${site} did not start: ${error.message}`);
    if (!ready) continue;
    child.stdout.resume();
    return { pid: child.pid, kafkaPort: kafka, restPort: rest, stop };
  }
  throw new Error(`The fabric ${site} ended before it was ready`);
}
