/** `npm run backup`: see docs/operations.md. */
import path from 'node:path';
import { buildPrograms } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';

const root = path.resolve(import.meta.dirname, '..');
await ensureInstalled(root);
await buildPrograms(root);
const { runBackup } = await import('../dist/backup.js');
await runBackup(process.argv.slice(2), { root });
