import path from 'node:path';
import { defineConfig } from 'vitest/config';

const alias = { '@': path.resolve(import.meta.dirname) };
/** Child processes and real files make some tests slow on a shared machine; none asserts a duration. */
const TEST_TIMEOUT_MS = 60_000;
/** A Java engine alone takes some ten seconds to start. */
const ENGINE_TIMEOUT_MS = 180_000;

export default defineConfig({
  resolve: { alias },
  test: {
    testTimeout: TEST_TIMEOUT_MS,
    hookTimeout: TEST_TIMEOUT_MS,
    // As for the journeys: a machine shared with others may stall.
    retry: process.env.CI ? 1 : 0,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{lib,services,fabric,launcher,scripts}/**/*.test.ts', 'app/**/*.test.ts'],
          exclude: ['**/*.process.test.ts', '**/*.engines.test.ts', '**/*.helm.test.ts'],
          environment: 'node',
        },
      },
      {
        extends: true,
        test: { name: 'ui', include: ['app/**/*.test.tsx', 'lib/**/*.test.tsx'], environment: 'jsdom' },
      },
      /** Real processes: the fabric, other languages' clients, kill -9. One file at a time. */
      {
        extends: true,
        test: {
          name: 'process',
          include: ['**/*.process.test.ts'],
          exclude: ['**/node_modules/**', '.next*/**', 'dist/**'],
          environment: 'node',
          fileParallelism: false,
          globalSetup: ['scripts/build-for-tests.mjs'],
        },
      },
      /** Real Kafka, PostgreSQL and S3 (npm run test:engines). One file at a time: each has its own engines. */
      {
        extends: true,
        test: {
          name: 'engines',
          include: ['**/*.engines.test.ts'],
          exclude: ['**/node_modules/**', '.next*/**', 'dist/**'],
          environment: 'node',
          fileParallelism: false,
          testTimeout: ENGINE_TIMEOUT_MS,
          hookTimeout: ENGINE_TIMEOUT_MS,
          globalSetup: ['scripts/build-for-tests.mjs'],
        },
      },
      /** The Helm chart (npm run test:helm). */
      { extends: true, test: { name: 'helm', include: ['scripts/helm/**/*.helm.test.ts'], environment: 'node' } },
    ],
  },
});
