/**
 * `npm test`: on a fresh clone, installs what it needs and runs everything that needs no other server.
 * Each step says what it does; the last line counts all tests of all runners.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildApp, buildPrograms } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { run } from './lib/run.mjs';
import { say } from './lib/say.mjs';
import { runVitest } from './lib/vitest.mjs';

const root = path.resolve(import.meta.dirname, '..');
const results = path.join(root, 'test-results');

/** Tests passed, failed and skipped, by runner. */
const totals = { passed: 0, failed: 0, skipped: 0 };
/** Steps without a count of their own that failed. */
const broken = [];

async function check(title, file, args) {
  say(title);
  const code = await run(process.execPath, [path.join('node_modules', file), ...args], { cwd: root });
  if (code !== 0) broken.push(title);
}

async function vitest(title, project) {
  say(title);
  const counts = await runVitest(root, project);
  for (const [kind, count] of Object.entries(counts)) totals[kind] += count;
}

async function playwright(title) {
  say(title);
  const report = path.join(results, 'e2e.json');
  const code = await run(
    process.execPath,
    ['node_modules/@playwright/test/cli.js', 'test', '--config', 'e2e/playwright.config.ts'],
    { cwd: root, env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report } },
  );
  const { expected, unexpected, flaky, skipped } = JSON.parse(readFileSync(report, 'utf8')).stats;
  totals.passed += expected + flaky;
  totals.failed += unexpected;
  totals.skipped += skipped;
  if (code !== 0 && unexpected === 0) broken.push(title);
}

await ensureInstalled(root);
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
await buildPrograms(root);
await buildApp(root);
await check('Types ...', 'typescript/bin/tsc', ['--noEmit']);
await check('Lint, formatting, import directions ...', '@biomejs/biome/bin/biome', [
  'check',
  '--error-on-warnings',
  '.',
]);
await vitest('Unit tests and conformance suites ...', 'unit');
await vitest('Component tests ...', 'ui');
const { provisionInterop } = await import('./provision-interop.mjs');
await provisionInterop();
await vitest('Tests with real processes: the fabric, other clients, three sites, kill -9 ...', 'process');
const { provisionBrowser } = await import('./provision-browser.mjs');
await provisionBrowser();
await playwright('Browser journeys ...');

for (const title of broken) say(`FAILED: ${title}`);
process.stdout.write(
  `fieldline: ${totals.passed} passed, ${totals.failed + broken.length} failed, ${totals.skipped} skipped\n`,
);
process.exit(totals.failed + broken.length > 0 ? 1 : 0);
