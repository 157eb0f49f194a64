/**
 * `npm run test:helm`: the chart. Gets Helm, kubeconform and Kubernetes' schemas first (scripts/helm/provision.mjs); where one can not be had,
 * says which and why, and skips its tests. `npm run test:helm -- -u` writes the golden renderings anew. The last line counts.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { run } from './lib/run.mjs';
import { say } from './lib/say.mjs';

const root = path.resolve(import.meta.dirname, '..');
const report = path.join(root, 'test-results', 'helm.json');

await ensureInstalled(root);
rmSync(report, { force: true });
mkdirSync(path.dirname(report), { recursive: true });
const { provisionHelm } = await import('./helm/provision.mjs');
const missing = provisionHelm();
say('Tests of the chart ...');
const reporters = ['--reporter', 'default', '--reporter', 'json', '--outputFile', report];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'helm', ...reporters, ...process.argv.slice(2)];
const code = await run(process.execPath, vitest, { cwd: root });
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
// A file that does not load has no test to fail.
const failed = numFailedTests || (code === 0 ? 0 : 1);
for (const { name, why } of missing) say(`${name} could not be had: ${why}`);
process.stdout.write(
  `fieldline helm: ${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped\n`,
);
process.exit(failed > 0 ? 1 : 0);
