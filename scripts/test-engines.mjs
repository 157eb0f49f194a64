/**
 * `npm run test:engines`: the tests against real Apache Kafka, Kafka Connect, PostgreSQL and S3. Gets the engines first
 * (scripts/engines/provision.mjs); where one can not be had, says which and why, and skips its tests. The last line counts.
 */
import path from 'node:path';
import { provisionEngines } from './engines/provision.mjs';
import { buildApp, buildPrograms } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { say } from './lib/say.mjs';
import { runVitest } from './lib/vitest.mjs';
import { provisionBrowser } from './provision-browser.mjs';

const root = path.resolve(import.meta.dirname, '..');

await ensureInstalled(root);
await buildPrograms(root);
await buildApp(root);
await provisionBrowser();
const missing = provisionEngines();
say('Tests with engines ...');
const { passed, failed, skipped } = await runVitest(root, 'engines');
for (const { name, why } of missing) say(`${name} could not be had, and its tests were skipped: ${why}`);
process.stdout.write(`fieldline engines: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exit(failed > 0 ? 1 : 0);
