import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { run } from './run.mjs';

/**
 * Runs the tests of one Vitest project, and counts them. A file that does not load has no test to fail, and a run that was ended writes no
 * report: both count as one that failed.
 * @param {string} root
 * @param {string} project
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function runVitest(root, project) {
  const report = path.join(root, 'test-results', `${project}.json`);
  rmSync(report, { force: true });
  mkdirSync(path.dirname(report), { recursive: true });
  const reporters = ['--reporter', 'default', '--reporter', 'json', '--outputFile', report];
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...reporters];
  const code = await run(process.execPath, vitest, { cwd: root });
  const counted = countsIn(report);
  return { ...counted, failed: counted.failed || (code === 0 ? 0 : 1) };
}

function countsIn(report) {
  try {
    const counts = JSON.parse(readFileSync(report, 'utf8'));
    return {
      passed: counts.numPassedTests,
      failed: counts.numFailedTests,
      skipped: counts.numPendingTests + counts.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
