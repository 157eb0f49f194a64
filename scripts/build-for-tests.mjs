/** Vitest's global set-up for process tests: they start dist/fabric.js. */
import path from 'node:path';
import { buildPrograms } from './lib/build.mjs';

export default () => buildPrograms(path.resolve(import.meta.dirname, '..'));
