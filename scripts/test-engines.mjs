/**
 * `npm run test:engines`: the tests against real Apache Kafka, Kafka Connect, PostgreSQL and S3. Gets the engines first
 * (scripts/engines/provision.mjs); where one can not be had, says which and why, and skips its tests. The last line counts.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { provisionEngines } from './engines/provision.mjs';
import { buildPrograms } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { run } from './lib/run.mjs';
import { say } from './lib/say.mjs';

const root = path.resolve(import.meta.dirname, '..');
const report = path.join(root, 'test-results', 'engines.json');

await ensureInstalled(root);
rmSync(report, { force: true });
mkdirSync(path.dirname(report), { recursive: true });
await buildPrograms(root);
const missing = provisionEngines();
say('Tests with engines ...');
const reporters = ['--reporter', 'default', '--reporter', 'json', '--outputFile', report];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'engines', ...reporters];
const code = await run(process.execPath, vitest, { cwd: root });
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
// A file that does not load has no test to fail.
const failed = numFailedTests || (code === 0 ? 0 : 1);
for (const { name, why } of missing) say(`${name} could not be had: ${why}`);
process.stdout.write(
  `fieldline engines: ${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped\n`,
);
process.exit(failed > 0 ? 1 : 0);
