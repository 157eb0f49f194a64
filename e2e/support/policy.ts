/** What the policy of pages forbids happens on none of our own pages, and no script fails. */
import type { Page } from '@playwright/test';

/** Watches from now on: the list grows with all that a policy kept from running, loading or applying, and with every script that failed. */
export async function watchPolicy(page: Page): Promise<string[]> {
  const broken: string[] = [];
  await page.exposeFunction('tellOfViolation', (violation: string) => broken.push(violation));
  await page.addInitScript(() => {
    const { tellOfViolation } = window as unknown as { tellOfViolation: (violation: string) => void };
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, sample }) =>
      tellOfViolation([location.pathname, effectiveDirective, blockedURI, sourceFile, sample].join(' ')),
    );
  });
  page.on('console', (message) => {
    if (/content.security.policy|refused to/i.test(message.text())) broken.push(message.text());
  });
  page.on('pageerror', (error) => broken.push(String(error)));
  return broken;
}
