/** What `npm run package:helm` makes is the chart that was tested. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { packageChart } from './package.mjs';
import { render, TESTS } from './rendering';
import { CHART, hasHelm } from './tools.mjs';

const root = path.resolve(import.meta.dirname, '../..');

it.skipIf(!hasHelm)('the package renders as the folder does, and has a logo beside it', async () => {
  const { chart, logo } = await packageChart(root, mkdtempSync(path.join(tmpdir(), 'fieldline-package-')));
  expect(path.basename(chart)).toMatch(/^fieldline-\d+\.\d+\.\d+\.tgz$/);
  const values = path.join(TESTS, 'values/hq-full.yaml');
  expect(render(values, chart)).toBe(render(values, CHART));

  expect(await sharp(logo).metadata()).toMatchObject({ format: 'png', width: 512, height: 512 });
  const { channels } = await sharp(logo).stats();
  // Something is drawn.
  expect(Math.max(...channels.slice(0, 3).map(({ stdev }) => stdev))).toBeGreaterThan(20);
});
