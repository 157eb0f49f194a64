/** Next calls this before every route. The outer door: identity, the policy of pages, and nothing that a route relies on alone. */
import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { judge } from '@/services/access/gate';
import { getAccess } from '@/services/access/global';
import { pagePolicy, TRANSPORT_POLICY } from './app/_lib/security-headers';
import { logRefusal } from './app/api/_lib/log';
import { checkHost } from './app/api/_lib/origin';
import { problemResponse } from './app/api/_lib/problem';
import { isDevelopment } from './lib/config/build';

/** All but the files of the build, which everybody may have and which hold no data. */
export const config = { matcher: ['/((?!_next/static/|icon\\.svg$).*)'] };

export async function proxy(request: NextRequest): Promise<Response> {
  const access = getAccess();
  const { pathname, search } = request.nextUrl;
  const answer = await answerOf(request, pathname, search);
  if (access?.isSecure) answer.headers.set('strict-transport-security', TRANSPORT_POLICY);
  return answer;
}

async function answerOf(request: NextRequest, pathname: string, search: string): Promise<Response> {
  const access = getAccess();
  const isLiveness = pathname === '/api/health/live';
  try {
    // An orchestrator asks for it by the machine's address.
    if (access && !isLiveness) checkHost(request.headers, access.config);
    const verdict = await judge(access, request, pathname, search);
    if ('refused' in verdict) throw verdict.refused;
    if ('signInAt' in verdict) {
      logRefusal('UNAUTHENTICATED', request);
      return NextResponse.redirect(new URL(verdict.signInAt, request.nextUrl), 303);
    }
  } catch (error) {
    return problemResponse(error, request);
  }
  if (pathname.startsWith('/api/')) return NextResponse.next();
  const policy = pagePolicy(randomBytes(16).toString('base64'), {
    development: isDevelopment(),
    secure: access?.isSecure ?? false,
  });
  const headers = new Headers(request.headers);
  // Where Next finds the nonce for its own scripts.
  headers.set('content-security-policy', policy);
  const answer = NextResponse.next({ request: { headers } });
  answer.headers.set('content-security-policy', policy);
  return answer;
}
