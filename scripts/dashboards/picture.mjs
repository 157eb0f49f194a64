/** A picture of a dashboard that was read: one page in a browser without a window, as high as the dashboard is. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { build } from 'esbuild';
import { systemBrowser } from '../provision-browser.mjs';

const require = createRequire(import.meta.url);
const PAGE = path.join(import.meta.dirname, 'page');
const FONT = '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2';

/** Calls `work` with a function that makes the PNG of a dashboard; `width` in pixels. */
export async function withPainter(work, { width = 1400 } = {}) {
  const bundle = await build({
    entryPoints: [path.join(PAGE, 'draw.mjs')],
    bundle: true,
    write: false,
    format: 'iife',
  });
  const styles = [require.resolve('uplot/dist/uPlot.min.css'), path.join(PAGE, 'style.css')];
  const font = readFileSync(require.resolve(FONT)).toString('base64');
  const head = [
    `@font-face { font-family: Inter; font-weight: 100 900; src: url(data:font/woff2;base64,${font}) }`,
    ...styles.map((file) => readFileSync(file, 'utf8')),
  ];
  const browser = await chromium.launch({ executablePath: systemBrowser(), args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width, height: 600 } });
    return await work(async (dashboard) => {
      await page.setContent(`<!doctype html><html lang="en"><style>${head.join('\n')}</style><body></body></html>`);
      await page.evaluate(() => document.fonts.load('13px Inter'));
      await page.addScriptTag({ content: bundle.outputFiles[0].text });
      await page.evaluate((read) => globalThis.drawDashboard(read), dashboard);
      return page.screenshot({ fullPage: true });
    });
  } finally {
    await browser.close();
  }
}
