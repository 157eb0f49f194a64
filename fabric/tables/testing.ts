/** For tests and benchmarks that run the tables inside their own process, from the sources. */
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/** Bundles the engine's worker into a fresh directory below node_modules, where the native module is found. */
export async function buildTablesWorker(): Promise<{ file: string; dispose: () => Promise<void> }> {
  const root = path.resolve(import.meta.dirname, '../..');
  const directory = await mkdtemp(path.join(root, 'node_modules', '.tables-worker-'));
  const file = path.join(directory, 'worker.mjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'worker.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['libsql'],
    absWorkingDir: root,
    logLevel: 'silent',
  });
  return { file, dispose: () => rm(directory, { recursive: true, force: true }) };
}
