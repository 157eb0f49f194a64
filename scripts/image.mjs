/**
 * `node scripts/image.mjs DIRECTORY`: builds, and lays the root file system of the container image into DIRECTORY (which must be new or empty).
 * The Dockerfile runs just this, and scripts/image/image.process.test.ts lays and runs the same.
 */
import path from 'node:path';
import { layImage } from './image/lay.mjs';
import { buildApp, buildPrograms } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { fail, say } from './lib/say.mjs';

const root = path.resolve(import.meta.dirname, '..');
const [target] = process.argv.slice(2);
if (!target) fail('usage: node scripts/image.mjs DIRECTORY');
await ensureInstalled(root);
await buildPrograms(root);
await buildApp(root);
const { bytes, files } = layImage(root, path.resolve(target));
say(`The image is in ${target}: ${files} files, ${(bytes / 2 ** 20).toFixed(1)} MiB.`);
