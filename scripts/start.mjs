/**
 * `npm start`: installs, builds and runs HQ and one edge on this machine; again and again, doing only what is needed.
 * Options are the launcher's: `npm start -- --help`.
 */
import path from 'node:path';
import { buildApp, buildPrograms } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { oneAtATime } from './lib/one-at-a-time.mjs';

const root = path.resolve(import.meta.dirname, '..');
await oneAtATime(root, async () => {
  await ensureInstalled(root);
  await buildPrograms(root);
  if (!process.argv.includes('--help')) await buildApp(root);
});
const { launch } = await import('../dist/launcher.js');
await launch(process.argv.slice(2), { root });
