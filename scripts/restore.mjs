/** `npm run restore`: see docs/operations.md. */
import path from 'node:path';
import { buildPrograms } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';

const root = path.resolve(import.meta.dirname, '..');
await ensureInstalled(root);
await buildPrograms(root);
const { runRestore } = await import('../dist/backup.js');
await runRestore(process.argv.slice(2), { root });
