/** Gets a browser for the journeys where there is none: the system's Chromium, or Playwright's own. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from './lib/run.mjs';
import { say } from './lib/say.mjs';

const root = path.resolve(import.meta.dirname, '..');
export const SYSTEM_BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The path of an installed browser; undefined: Playwright's own, if any. */
export const systemBrowser = () => SYSTEM_BROWSERS.find((file) => existsSync(file));

export async function provisionBrowser() {
  if (systemBrowser()) return;
  const { chromium } = await import('@playwright/test');
  if (existsSync(chromium.executablePath())) return;
  const canInstallPackages = existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
  if (canInstallPackages) {
    say('Installing Chromium for the browser journeys (apt-get) ...');
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update'], { env, quiet: true });
    const code = await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], {
      env,
      quiet: true,
    });
    if (code === 0 && systemBrowser()) return;
  }
  say('Downloading a browser for the journeys (playwright install chromium) ...');
  const code = await run(
    process.execPath,
    [path.join(root, 'node_modules/@playwright/test/cli.js'), 'install', 'chromium'],
    { quiet: true },
  );
  if (code !== 0) say('No browser could be had: install Chromium, then run npm test again.');
}
