import { FieldlineError } from '@/lib/errors';
import type { Access } from './access';
import type { Knock } from './contract';
import { safePath } from './safe-path';

/** What nobody needs to sign in for: the sign-in page with what it needs, and whether this process lives. */
const PUBLIC_PAGES: ReadonlySet<string> = new Set(['/sign-in', '/set-up']);
const PUBLIC_CALLS: ReadonlySet<string> = new Set([
  'GET /api/health/live',
  'HEAD /api/health/live',
  'POST /api/session',
  'POST /api/set-up',
  'GET /api/sign-in/oidc',
  'GET /api/sign-in/oidc/callback',
]);

export type Verdict = { pass: true } | { signInAt: string } | { refused: unknown };

const isCall = (path: string) => path === '/metrics' || path.startsWith('/api/') || path.startsWith('/sample/');

/**
 * The outer door, before any route: nobody without an identity gets further than the public addresses. What somebody with one may do is
 * decided behind it, by the endpoint or the page, which do not rely on this door.
 */
export async function judge(access: Access | null, knock: Knock, path: string, search: string): Promise<Verdict> {
  if (access && !access.isOn) return { pass: true };
  if (PUBLIC_PAGES.has(path) || PUBLIC_CALLS.has(`${knock.method} ${path}`)) return { pass: true };
  try {
    if (!access) throw new FieldlineError('UNAVAILABLE', 'This server is still starting');
    // An endpoint counts the calls of an identity itself; what is behind no endpoint is counted here. Each call once.
    const isCounted = path === '/metrics' || path.startsWith('/api/');
    if (await (isCounted ? access.recognise(knock) : access.identify(knock))) return { pass: true };
    throw new FieldlineError('UNAUTHENTICATED', 'Nobody is signed in', { remedy: 'Sign in' });
  } catch (error) {
    const code = error instanceof FieldlineError ? error.code : 'INTERNAL';
    if (isCall(path) || code !== 'UNAUTHENTICATED') return { refused: error };
    const next = safePath(`${path}${search}`);
    return { signInAt: next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}` };
  }
}
