import { asFieldlineError, FieldlineError } from '@/lib/errors';
import type { Access } from '../../access/access';
import type { Identity } from '../../access/contract';
import { safePath } from '../../access/safe-path';
import { openSession } from './sign-in';

function oidcOf(access: Access) {
  const { oidc } = access.parts;
  if (!oidc)
    throw new FieldlineError('UNSUPPORTED', 'There is no sign-in provider', { remedy: 'Configure access.oidc' });
  return oidc;
}

/** Where the browser goes to sign in, and the cookie by which it is known when it comes back. Fails with UNSUPPORTED, UNAVAILABLE. */
export async function beginOidc(access: Access, next: string | undefined): Promise<{ url: string; cookie: string }> {
  const { url, secret } = await oidcOf(access).begin(safePath(next));
  return { url, cookie: access.cookies.write('fieldline-login', secret) };
}

export interface OidcReturn {
  location: string;
  cookies: string[];
  remark: { who?: Identity; refused?: boolean; detail?: string };
}

/** The way back: into the app with a session, or to the sign-in page with the reason. Fails with UNSUPPORTED. */
export async function finishOidc(access: Access, request: Request): Promise<OidcReturn> {
  const oidc = oidcOf(access);
  const used = access.cookies.write('fieldline-login', '');
  try {
    const secret = access.cookies.read('fieldline-login', request.headers) ?? '';
    const { user, returnTo } = await oidc.finish(secret, new URL(request.url).search);
    const who = {
      via: 'oidc' as const,
      owner: `oidc:${user.subject}`,
      name: user.name,
      role: user.role,
      site: user.site,
    };
    const { caller, cookie } = await openSession(access, request, who);
    return { location: returnTo, cookies: [used, cookie], remark: { who: caller } };
  } catch (error) {
    const { code, details, message } = asFieldlineError(error);
    if (code !== 'UNAUTHENTICATED' && code !== 'UNAVAILABLE') throw error;
    const reason = String(details.refusal ?? 'provider');
    return {
      location: `/sign-in?refused=${reason}`,
      cookies: [used],
      remark: { refused: true, detail: message },
    };
  }
}
