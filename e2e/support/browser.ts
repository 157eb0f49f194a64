/** How the tests start a browser: the system's Chromium where there is one, else Playwright's own. */
import type { LaunchOptions } from '@playwright/test';
import { systemBrowser } from '../../scripts/provision-browser.mjs';

export const BROWSER: LaunchOptions = {
  executablePath: systemBrowser(),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
};
