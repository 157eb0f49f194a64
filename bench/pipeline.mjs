/**
 * The pipeline on real fabrics: from an ASSET_DOWNLOADED message at HQ to a row in alpha's table, through broadcaster, link and listener.
 * Two fabric processes and one app process, as `npm start` runs them, on loopback.
 *
 *   node bench/pipeline.mjs [assets for the rate, default 20000] [seconds at 100/s, default 20]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { startFabric } from './lib/fabric.mjs';

const root = path.resolve(import.meta.dirname, '..');
const assets = Number(process.argv[2] ?? 20_000);
const seconds = Number(process.argv[3] ?? 20);
const directory = await mkdtemp(path.join(tmpdir(), 'bench-pipeline-'));
const fabrics = [];

try {
  const program = path.join(root, 'dist/bench-pipeline.js');
  await build({
    entryPoints: [path.join(root, 'bench/pipeline-app.ts')],
    alias: { '@': root },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outfile: program,
  });
  const { measure } = await import(pathToFileURL(program).href);
  for (const site of ['hq', 'alpha']) fabrics.push(await startFabric({ site, directory: path.join(directory, site) }));
  const sites = ['hq', 'alpha'].map((id, n) => ({ id, ...fabrics[n] }));
  await measure({ sites, assets, seconds, say: (line) => console.log(line) });
} finally {
  for (const fabric of fabrics) await fabric.stop();
  await rm(directory, { recursive: true, force: true });
}
