import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

/** Imports a module of the product into a script, with all it imports. `file` is relative to the repository. */
export async function importTypeScript(file) {
  const built = await build({
    entryPoints: [path.join(root, file)],
    alias: { '@': root },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(built.outputFiles[0].contents).toString('base64')}`);
}
