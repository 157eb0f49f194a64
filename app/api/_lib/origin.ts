import { isLoopbackHost } from '@/lib/config';
import { FieldlineError } from '@/lib/errors';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses (FORBIDDEN) what a stranger's web page could make a browser send. While the app listens on loopback only, its Host must name
 * loopback: a page whose own name was pointed at 127.0.0.1 (DNS rebinding) carries that name. A call that changes something must come
 * from this server's own pages, or from a program, which sends neither Origin nor Sec-Fetch-Site.
 */
export function checkOrigin(request: Request, appHost: string): void {
  const host = request.headers.get('host') ?? '';
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (isLoopbackHost(appHost) && !isLoopbackHost(name))
    throw new FieldlineError('FORBIDDEN', `This server is not called "${name}"`, {
      remedy: 'Open it as http://localhost or by its loopback address',
    });
  if (SAFE_METHODS.has(request.method)) return;
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  if (
    (origin !== null && hostOf(origin) !== host.toLowerCase()) ||
    (site !== null && !['same-origin', 'none'].includes(site))
  )
    throw new FieldlineError('FORBIDDEN', 'A page of another site may not change anything here');
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
