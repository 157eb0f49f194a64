/** A path of this server, to go on to after signing in; `/` for anything else, so that no link of ours leads to a stranger. */
export function safePath(next: string | undefined): string {
  if (!next?.startsWith('/') || !/^[\x21-\x7e]*$/.test(next)) return '/';
  const base = 'http://fieldline.invalid';
  const url = URL.canParse(next, base) ? new URL(next, base) : null;
  return url?.origin === base && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}` : '/';
}
