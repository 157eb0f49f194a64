/** `npm run enrol`: lets an edge in at HQ. Options: `npm run enrol -- --help`. */
import path from 'node:path';
import { buildPrograms } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';

const root = path.resolve(import.meta.dirname, '..');
await ensureInstalled(root);
await buildPrograms(root);
const { enrol } = await import('../dist/enrol.js');
await enrol(process.argv.slice(2), { root });
