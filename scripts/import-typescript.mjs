import { rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

/** Imports a module of the product into a script, with all it imports. `file` is relative to the repository. */
export async function importTypeScript(file) {
  // Below the repository: packages stay where they are, and are found from there. Many can not be bundled into a module.
  const outfile = path.join(root, '.cache', `${path.basename(file, '.ts')}-${process.pid}.mjs`);
  await build({
    entryPoints: [path.join(root, file)],
    alias: { '@': root },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outfile,
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
}
