/** `npm run package:helm [-- DIRECTORY]`: the chart as a .tgz and its logo as a PNG, by default into helm/dist, as import wizards take them. */
import path from 'node:path';

import { ensureInstalled } from './lib/install.mjs';
import { fail, say } from './lib/say.mjs';

const root = path.resolve(import.meta.dirname, '..');
await ensureInstalled(root);
const { provisionHelm } = await import('./helm/provision.mjs');
const missing = provisionHelm().find(({ name }) => name === 'helm');
if (missing) fail(`Helm could not be had: ${missing.why}`);
const { packageChart } = await import('./helm/package.mjs');
const { chart, logo } = await packageChart(root, path.resolve(process.argv[2] ?? path.join(root, 'helm/dist')));
say(`The chart is ${chart}, its logo ${logo}.`);
