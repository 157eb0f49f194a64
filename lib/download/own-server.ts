/** The server that this process is itself: HQ reads the sample feed from it, and shows who it is where access control is on. */
let own: { origin: string; token: string } | null = null;

/** From now on requests for the sample at this origin carry the token, and no other does. */
export function setOwnServer(origin: string, token: string): void {
  own = { origin, token };
}

/** What a request to `url` carries, decided at every hop: a redirect elsewhere takes nothing along. */
export function ownServerHeaders(url: URL): Record<string, string> {
  const isOwn = own !== null && url.origin === own.origin && url.pathname.startsWith('/sample/');
  return isOwn ? { authorization: `Bearer ${own!.token}` } : {};
}
