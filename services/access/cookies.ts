import { SESSION_MS_MAX } from './sessions';

/** `__Host-` binds a cookie to this host, its root, and TLS (RFC 6265bis, 4.1.3.2); browsers refuse the prefix without TLS. */
const nameOf = (name: string, secure: boolean) => (secure ? `__Host-${name}` : name);

export interface CookieJar {
  /** The value of a cookie of a request; null when it has none. */
  read(name: CookieName, headers: Headers): string | null;
  /** A Set-Cookie header; an empty value takes the cookie away. */
  write(name: CookieName, value: string): string;
}
export type CookieName = 'fieldline-session' | 'fieldline-login';

/** Lax: a link from a mail, or the provider's way back, arrives signed in; calls that change something are checked for their origin besides. */
export function cookieJar(secure: boolean): CookieJar {
  return {
    read(name, headers) {
      const wanted = `${nameOf(name, secure)}=`;
      const found = (headers.get('cookie') ?? '')
        .split(';')
        .map((part) => part.trim())
        .find((part) => part.startsWith(wanted));
      return found ? found.slice(wanted.length) || null : null;
    },
    write(name, value) {
      const age = value === '' ? 0 : SESSION_MS_MAX / 1000;
      return `${nameOf(name, secure)}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
    },
  };
}
