import path from 'node:path';
import { defineConfig, devices } from '@playwright/test';
import { BROWSER } from './support/browser';

/** Each journey starts an installation of its own; two at once would only wait for each other on a small machine. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.journey.ts',
  outputDir: '../test-results/e2e',
  workers: 1,
  // A shared machine may stall for longer than any limit; what needed a second try is listed as flaky.
  retries: process.env.CI ? 1 : 0,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e.json' }]],
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    // A film of every journey would cost more than the journeys.
    trace: { mode: 'retain-on-failure', screenshots: false },
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: BROWSER,
  },
  snapshotDir: path.join(import.meta.dirname, 'snapshots'),
});
