/** `npm run build`: everything that `npm start` runs, into dist/ and .next/. */
import path from 'node:path';
import { buildApp, buildPrograms } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { say } from './lib/say.mjs';

const root = path.resolve(import.meta.dirname, '..');
await ensureInstalled(root);
await buildPrograms(root);
await buildApp(root);
say('Built.');
