import type { FieldlineConfig } from '@/lib/config';
import { isLoopbackHost } from '@/lib/config';
import { CSRF_HEADER } from '@/lib/domain/access';
import { FieldlineError } from '@/lib/errors';
import type { Identity } from '@/services/access/contract';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses (FORBIDDEN) a name that this server does not have. While the app listens on loopback only, its Host must name loopback (or the
 * configured public address): a page whose own name was pointed at 127.0.0.1 (DNS rebinding) carries that name.
 */
export function checkHost(headers: Headers, { app, access }: Pick<FieldlineConfig, 'app' | 'access'>): void {
  const host = (headers.get('host') ?? '').toLowerCase();
  const name = host.replace(/:\d+$/, '');
  if (!isLoopbackHost(app.host) || isLoopbackHost(name) || host === hostOf(access.publicUrl)) return;
  throw new FieldlineError('FORBIDDEN', `This server is not called "${name.slice(0, 100)}"`, {
    remedy: 'Open it as http://localhost or by its loopback address',
  });
}

/**
 * Refuses (FORBIDDEN) what a stranger's web page could make a browser send: a call that changes something must come from this server's own
 * pages, or from a program, which sends neither Origin nor Sec-Fetch-Site.
 */
export function checkOrigin({ method, headers }: Request, publicUrl?: string): void {
  if (SAFE_METHODS.has(method)) return;
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  const host = headers.get('host')?.toLowerCase() ?? '';
  const ownOrigin = origin === null || origin === publicUrl || hostOf(origin) === host;
  if (ownOrigin && (site === null || site === 'same-origin' || site === 'none')) return;
  throw new FieldlineError('FORBIDDEN', 'A page of another site may not change anything here');
}

/**
 * Refuses (FORBIDDEN) a call that changes something on the strength of what a browser adds by itself (a cookie, a proxy's session) unless
 * it carries a header that only a page of this server can add: another origin's would have to ask first, and is never allowed
 * (docs/adr/011-access.md). A token is not added by a browser.
 */
export function checkIntent({ method, headers }: Request, caller: Identity): void {
  const ambient = caller.via === 'password' || caller.via === 'oidc' || caller.via === 'proxy';
  if (!ambient || SAFE_METHODS.has(method) || headers.get(CSRF_HEADER) !== null) return;
  throw new FieldlineError('FORBIDDEN', 'The call does not show that it was made by a page of this server', {
    remedy: `Send the header ${CSRF_HEADER}: 1, or use an API token`,
  });
}

function hostOf(origin: string | undefined): string | null {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin).host : null;
}
