/**
 * The pipeline on real fabrics: from an ASSET_DOWNLOADED message at HQ to a row in alpha's table, through broadcaster, link and listener.
 * Two fabric processes and one app process, as `npm start` runs them, on loopback.
 *
 *   node bench/pipeline.mjs [assets for the rate, default 20000] [seconds at 100/s, default 20]   (needs dist/fabric.js: npm run build)
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { EMBEDDED_PROCESS } from './lib/process.mjs';

const root = path.resolve(import.meta.dirname, '..');
const assets = Number(process.argv[2] ?? 20_000);
const seconds = Number(process.argv[3] ?? 20);
const directory = await mkdtemp(path.join(tmpdir(), 'bench-pipeline-'));
const fabrics = [];

async function startFabric(site) {
  const fabric = spawn(
    process.execPath,
    [
      ...EMBEDDED_PROCESS.flags,
      path.join(root, 'dist/fabric.js'),
      ...['--site', site, '--data', path.join(directory, site)],
      ...['--kafka', '127.0.0.1:0', '--rest', '127.0.0.1:0'],
    ],
    { env: { ...process.env, ...EMBEDDED_PROCESS.env }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  fabrics.push(fabric);
  const lines = createInterface({ input: fabric.stdout });
  const [line] = await once(lines, 'line');
  const { kafka, rest } = JSON.parse(line);
  return { id: site, kafkaPort: kafka, restPort: rest, pid: fabric.pid };
}

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
  const sites = [await startFabric('hq'), await startFabric('alpha')];
  await measure({ sites, assets, seconds, say: (line) => console.log(line) });
} finally {
  for (const fabric of fabrics) {
    const exited = once(fabric, 'exit');
    fabric.kill('SIGTERM');
    await exited;
  }
  await rm(directory, { recursive: true, force: true });
}
